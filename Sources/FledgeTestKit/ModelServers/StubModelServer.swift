import FledgeCore
import FledgeEngine
import Synchronization

/// A model server without a model, which behaves as it is told and tries nothing twice: for what stands before servers.
package final class StubModelServer: ModelServer {
    private struct State {
        var behaviour: ModelServerScene.Behaviour
        var reached = 0
    }

    package let concurrency: Int
    private let state: Mutex<State>

    package init(_ behaviour: ModelServerScene.Behaviour = .answers, concurrency: Int = 3) {
        state = Mutex(State(behaviour: behaviour))
        self.concurrency = concurrency
    }

    package var reached: Int { state.withLock(\.reached) }

    package func mend() { state.withLock { $0.behaviour = .answers } }

    /// The server, or what `wrap` puts before it, as a scene.
    package func scene(_ wrap: (any ModelServer) -> any ModelServer = { $0 }) -> ModelServerScene {
        ModelServerScene(server: wrap(self), reached: { self.reached }, mend: { self.mend() })
    }

    package func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion {
        try await attempts.begin()
        let (behaviour, number) = state.withLock { state in
            state.reached += 1
            return (state.behaviour, state.reached)
        }
        switch behaviour {
        case .losesFirst where number == 1: throw FledgeError("model.timeout", "no answer came")
        case .hangs where number > 1:
            let never = AsyncStream<Never>.makeStream()
            for await _ in never.stream {}
            never.continuation.finish()
            throw CancellationError()
        case .isAway:
            attempts.wasRefused()
            throw FledgeError("model.overloaded", "too much is asked")
        case .refuses:
            attempts.wasRefused()
            throw FledgeError("model.unauthorized", "the key is not known")
        case .answers, .saysNoUsage, .losesFirst, .hangs: break
        }
        let isSaid = behaviour != .saysNoUsage
        return Completion(
            text: "a", finishReason: "stop", promptTokens: isSaid ? 12 : nil, cachedTokens: 0,
            completionTokens: isSaid ? 1 : nil, latencyMicroseconds: 1)
    }

    package func revision(of model: String) async throws -> String { "weights of \(model)" }
}
