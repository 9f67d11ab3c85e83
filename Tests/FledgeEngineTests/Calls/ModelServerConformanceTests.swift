import FledgeCore
import FledgeDocument
import FledgeTestKit
import Testing

@testable import FledgeEngine

/// What stands before model servers changes nothing of what their callers rely on, and neither do the servers of the tests.
@Suite("What callers of model servers rely on", .timeLimit(.minutes(5)))
struct ModelServerConformanceTests {
    private static let useCase = UseCaseID(rawValue: 1)
    private static let model = ModelDefinition(name: "m", endpoint: .local)

    @Test("the server of the tests keeps it", arguments: ModelServerPromise.allCases)
    func stub(promise: ModelServerPromise) async throws {
        #expect(try await promise.breach(in: StubModelServer(promise.behaviour).scene()) == nil)
    }

    @Test("a server that is measured keeps it", arguments: ModelServerPromise.allCases)
    func measured(promise: ModelServerPromise) async throws {
        let scene = StubModelServer(promise.behaviour).scene { MeasuredModelServer($0, model: Self.model) }
        #expect(try await promise.breach(in: scene) == nil)
    }

    @Test(
        "a server behind a queue keeps it, and whatever came of the calls every place is free again",
        arguments: ModelServerPromise.allCases)
    func queued(promise: ModelServerPromise) async throws {
        let queue = CallQueue()
        queue.set(bears: 3, limit: nil, for: Self.useCase)
        let scene = StubModelServer(promise.behaviour).scene {
            QueuedModelServer(server: $0, queue: queue, useCase: Self.useCase)
        }
        #expect(try await promise.breach(in: scene) == nil)
        #expect(queue.demand.inUse == 0 && queue.demand.wanted == 0)
    }

    @Test("a server behind a queue with fewer places than it bears bears as many calls as there are places")
    func fewerPlaces() async throws {
        let queue = CallQueue()
        queue.set(bears: 3, limit: 2, for: Self.useCase)
        queue.set(places: 2, until: .now + .seconds(600))
        let scene = StubModelServer(.hangs).scene {
            QueuedModelServer(server: $0, queue: queue, useCase: Self.useCase)
        }
        #expect(await scene.server.concurrency == 2)
        #expect(try await ModelServerPromise.endsWhenCancelled.breach(in: scene) == nil)
        #expect(queue.demand.inUse == 0 && queue.demand.wanted == 0)
    }

    @Test("models that answer from a script keep it", arguments: ModelServerPromise.allCases)
    func scripted(promise: ModelServerPromise) async throws {
        #expect(try await promise.breach(in: Self.scene(promise.behaviour)) == nil)
    }

    private static func scene(_ behaviour: ModelServerScene.Behaviour) -> ModelServerScene {
        let models = ScriptedModels { _, _ in "a" }
        switch behaviour {
        case .answers: break
        case .saysNoUsage:
            models.misbehave { _, _ in
                Completion(
                    text: "a", finishReason: "stop", promptTokens: nil, cachedTokens: 0, completionTokens: nil,
                    latencyMicroseconds: 1)
            }
        case .losesFirst:
            models.misbehave { _, number in
                if number == 1 { throw FledgeError("model.timeout", "no answer came") }
                return nil
            }
        case .isAway: models.fail(with: FledgeError("model.overloaded", "too much is asked"))
        case .refuses: models.fail(with: FledgeError("model.unauthorized", "the key is not known"))
        case .hangs: models.hold(atCall: 2)
        }
        return ModelServerScene(server: models, reached: { models.calls.count })
    }

    @Test("a broken promise is found", arguments: ModelServerPromise.allCases)
    func broken(promise: ModelServerPromise) async throws {
        let stub = StubModelServer(promise.behaviour)
        let scene = stub.scene { BrokenServer(server: $0, breaks: promise) }
        #expect(try await promise.breach(in: scene) != nil)
    }
}

/// Breaks one promise.
private struct BrokenServer: ModelServer {
    let server: any ModelServer
    let breaks: ModelServerPromise

    func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion {
        switch breaks {
        case .asksBeforeItSends: return try await server.complete(request, attempts: CallAttempts())
        case .asksBeforeItRepeats, .sendsNothingWithoutLeave:
            do { return try await server.complete(request, attempts: attempts) } catch {
                return try await server.complete(request, attempts: CallAttempts())
            }
        case .guessesNoUsage:
            var completion = try await server.complete(request, attempts: attempts)
            completion = Completion(
                text: completion.text, finishReason: completion.finishReason, promptTokens: 1, cachedTokens: 0,
                completionTokens: 1, latencyMicroseconds: 1)
            return completion
        case .sendsPassingFailuresOn, .refusesForGood:
            do { return try await server.complete(request, attempts: attempts) } catch {
                throw FledgeError(
                    "model.filtered", "something else", exitCode: breaks == .refusesForGood ? .tryAgain : .badData)
            }
        case .endsWhenCancelled:
            do { return try await server.complete(request, attempts: attempts) } catch is CancellationError {
                throw FledgeError("model.timeout", "no answer came")
            }
        case .bearsACall, .isOneModel: return try await server.complete(request, attempts: attempts)
        }
    }

    func revision(of model: String) async throws -> String {
        breaks == .isOneModel ? "" : try await server.revision(of: model)
    }

    var concurrency: Int { get async { breaks == .bearsACall ? 0 : await server.concurrency } }
}
