import FledgeCore
import FledgeEngine

/// What whoever calls a model server relies on, whatever the server is. Each implementation's tests try every promise that
/// they can make a scene for:
///
/// ```swift
/// @Test("the server keeps what callers rely on", arguments: ModelServerPromise.allCases)
/// func conforms(promise: ModelServerPromise) async throws {
///     #expect(try await promise.breach(in: scene(promise.behaviour)) == nil)
/// }
/// ```
package enum ModelServerPromise: String, Sendable, CaseIterable {
    case bearsACall, isOneModel, asksBeforeItSends, asksBeforeItRepeats, sendsNothingWithoutLeave, guessesNoUsage
    case sendsPassingFailuresOn, refusesForGood, endsWhenCancelled

    /// How what is behind the server has to behave for the promise to show.
    package var behaviour: ModelServerScene.Behaviour {
        switch self {
        case .bearsACall, .isOneModel, .asksBeforeItSends: .answers
        case .asksBeforeItRepeats, .sendsNothingWithoutLeave: .losesFirst
        case .guessesNoUsage: .saysNoUsage
        case .sendsPassingFailuresOn: .isAway
        case .refusesForGood: .refuses
        case .endsWhenCancelled: .hangs
        }
    }

    /// - Parameter scene: a new one, in which nothing was asked yet.
    /// - Returns: how the promise is broken; nil where it is kept.
    package func breach(in scene: ModelServerScene) async throws -> String? {
        switch self {
        case .bearsACall:
            let concurrency = await scene.server.concurrency
            return concurrency < 1 ? "it bears \(concurrency) calls" : nil
        case .isOneModel:
            let first = try await scene.server.revision(of: scene.request.model)
            let again = try await scene.server.revision(of: scene.request.model)
            return first.isEmpty || first != again ? "its revision is \"\(first)\", and then \"\(again)\"" : nil
        case .asksBeforeItSends: return await Self.asked(in: scene, mustAnswer: true)
        case .asksBeforeItRepeats: return await Self.asked(in: scene, mustAnswer: false)
        case .sendsNothingWithoutLeave: return await Self.leave(in: scene)
        case .guessesNoUsage:
            let completion = try await scene.server.complete(scene.request)
            guard completion.promptTokens == nil, completion.completionTokens == nil else {
                return "it says \(completion.promptTokens ?? -1) and \(completion.completionTokens ?? -1) tokens"
            }
            return nil
        case .sendsPassingFailuresOn: return await Self.failure(in: scene) { $0 == .transient }
        case .refusesForGood:
            return await Self.failure(in: scene) { $0 == .needsPerson || $0 == .permanent }
        case .endsWhenCancelled: return try await Self.cancellation(in: scene)
        }
    }

    private static func outcome(
        of scene: ModelServerScene, _ attempts: CallAttempts
    ) async -> Result<Completion, any Error> {
        do { return .success(try await scene.server.complete(scene.request, attempts: attempts)) } catch {
            return .failure(error)
        }
    }

    /// As many attempts have begun as have come to what is behind the server.
    private static func asked(in scene: ModelServerScene, mustAnswer: Bool) async -> String? {
        let attempts = CallAttempts()
        switch await outcome(of: scene, attempts) {
        case .success(let completion) where completion.text.isEmpty: return "the answer is empty"
        case .success: break
        case .failure(let error):
            guard !mustAnswer, (error as? FledgeError)?.disposition == .transient else { return "it throws \(error)" }
        }
        let reached = scene.reached() ?? 1
        return attempts.begun == reached ? nil : "\(attempts.begun) attempts have begun, and \(reached) were sent"
    }

    /// Where there is no leave for a second attempt, the call ends with why, or with the failure of the first.
    private static func leave(in scene: ModelServerScene) async -> String? {
        let refusal = FledgeError("spend.cap_reached", "no more", exitCode: .configuration)
        guard case .failure(let error) = await outcome(of: scene, CallAttempts { throw refusal }) else {
            return "it answers"
        }
        let known = error as? FledgeError
        guard known == refusal || known?.disposition == .transient else { return "it throws \(error)" }
        let reached = scene.reached() ?? 1
        return reached == 1 ? nil : "\(reached) attempts were sent"
    }

    private static func failure(
        in scene: ModelServerScene, _ isRight: (FledgeError.Disposition) -> Bool
    ) async -> String? {
        let attempts = CallAttempts()
        guard case .failure(let error) = await outcome(of: scene, attempts) else { return "it answers" }
        guard let known = error as? FledgeError, isRight(known.disposition) else { return "it throws \(error)" }
        if attempts.mayBePaid { return "what was turned down counts as charged" }
        let reached = scene.reached() ?? attempts.begun
        return attempts.begun == reached ? nil : "\(attempts.begun) attempts have begun, and \(reached) were sent"
    }

    /// Calls that are cancelled end, and leave their places to others.
    private static func cancellation(in scene: ModelServerScene) async throws -> String? {
        _ = try await scene.server.complete(scene.request)
        let count = await scene.server.concurrency
        let hanging = (0..<count).map { _ in Task { try await scene.server.complete(scene.request) } }
        let haveCome = await eventually { scene.reached() ?? .max >= 1 + count }
        for call in hanging { call.cancel() }
        for call in hanging {
            let result = await call.result
            guard case .failure(let error) = result, error is CancellationError else {
                return "a call that is cancelled ends with \(result)"
            }
        }
        guard haveCome else { return "\(scene.reached() ?? 0) attempts were sent of \(1 + count)" }
        scene.mend()
        return try await withThrowingTaskGroup(of: Completion.self) { group in
            for _ in 0..<count { group.addTask { try await scene.server.complete(scene.request) } }
            for try await completion in group where completion.text.isEmpty { return "the answer is empty" }
            return nil
        }
    }
}
