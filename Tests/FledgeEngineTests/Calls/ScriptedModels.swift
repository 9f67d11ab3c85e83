import FledgeCore
import FledgeDocument
import FledgeEngine
import Synchronization

/// Models that answer as they are told, and remember what they were asked.
final class ScriptedModels: ModelServer, ModelCatalog {
    private struct State {
        var calls: [CompletionRequest] = []
        var holdAt: Int?
        /// So many calls of an adapter about one of these inputs are still answered.
        var tunedCallsLeft: (inputs: Set<String>, count: Int)?
        var failure: FledgeError?
        var script: Script?
        var served: Set<AdapterDigest> = []
        var loads: [[AdapterDigest]] = []
    }

    /// What becomes of the call of that number, from 1: a failure, another answer, or nil for the usual one.
    typealias Script = @Sendable (CompletionRequest, Int) throws -> Completion?

    private let state = Mutex(State())
    private let answer: @Sendable (CompletionRequest) -> String
    private let hold = Hold()

    init(answer: @escaping @Sendable (String, Bool) -> String) {
        self.answer = { answer($0.input, $0.adapter != nil) }
    }

    /// Models whose answer depends on the whole prompt.
    init(respond: @escaping @Sendable (CompletionRequest) -> String) { answer = respond }

    /// Every call so far, in the order in which they came.
    var calls: [CompletionRequest] { state.withLock(\.calls) }
    /// The adapters that each look for a server has named.
    var loads: [[AdapterDigest]] { state.withLock(\.loads) }
    var inputs: [String] { calls.map(\.input) }

    /// The call of this number, from 1, gets no answer: it waits until it is cancelled.
    func hold(atCall number: Int) { state.withLock { $0.holdAt = number } }
    /// The call of this number, from 1, among those that ask an adapter about one of the inputs gets no answer.
    func hold(atTunedCall number: Int, about inputs: Set<String>) {
        state.withLock { $0.tunedCallsLeft = (inputs, number - 1) }
    }
    func callIsHeld() async { await hold.isHeld() }
    func fail(with error: FledgeError?) { state.withLock { $0.failure = error } }
    /// Nil: from now on the server is in order.
    func misbehave(_ script: Script?) { state.withLock { $0.script = script } }

    // MARK: ModelServer

    // One call at a time: what was asked before a crash is known to the call.
    let concurrency = 1

    func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion {
        try await attempts.begin()
        let (isHeld, failure, isServed, script, number) = state.withLock { state in
            state.calls.append(request)
            var isHeld = state.calls.count == state.holdAt
            if let left = state.tunedCallsLeft, request.adapter != nil, left.inputs.contains(request.input) {
                isHeld = isHeld || left.count == 0
                state.tunedCallsLeft = left.count == 0 ? nil : (left.inputs, left.count - 1)
            }
            let isServed = request.adapter.map(state.served.contains) ?? true
            return (isHeld, state.failure, isServed, state.script, state.calls.count)
        }
        if let failure {
            attempts.wasRefused()
            throw failure
        }
        if let odd = try script?(request, number) { return odd }
        if isHeld { try await hold.untilCancelled() }
        guard isServed else { throw FledgeError("model.unknown", "the adapter is not loaded") }
        return Completion(
            text: answer(request), finishReason: "stop", promptTokens: 12,
            cachedTokens: 4,
            completionTokens: 1, latencyMicroseconds: 1000)
    }

    func revision(of model: String) async throws -> String { "weights-1" }

    // MARK: ModelCatalog

    func server(for model: ModelDefinition, adapters: [ServedAdapter]) async throws -> any ModelServer {
        state.withLock { state in
            state.loads.append(adapters.map(\.digest))
            state.served.formUnion(adapters.map(\.digest))
        }
        return self
    }

    func weights(of model: ModelDefinition) async throws -> BaseWeights {
        BaseWeights(path: "weights.gguf", sha256: Digest(of: "weights-1"))
    }

    func statuses(of models: [ModelDefinition]) async -> [ModelStatus] { [] }
    func shutdown() async {}
}

extension CompletionRequest {
    /// The example that the request asks about.
    var input: String { messages.last?.content ?? "" }
}
