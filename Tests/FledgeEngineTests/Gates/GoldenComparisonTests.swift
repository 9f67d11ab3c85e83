import FledgeCore
import FledgeDocument
import Synchronization
import Testing

@testable import FledgeEngine

@Suite("Asking the golden prompts", .timeLimit(.minutes(15)))
struct GoldenComparisonTests {
    /// Answers calls of the base with the adapter as soon as a call of the adapter is beside them.
    private final class LeakyServer: ModelServer {
        private struct State {
            var calls: [CompletionRequest] = []
            var waiting: [Bool: [CheckedContinuation<Void, Never>]] = [:]
        }

        private let state = Mutex(State())
        private let leaks: Bool
        let concurrency: Int

        init(leaks: Bool, concurrency: Int) {
            self.leaks = leaks
            self.concurrency = concurrency
        }

        var calls: [CompletionRequest] { state.withLock(\.calls) }

        func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion {
            try await attempts.begin()
            let isTuned = request.adapter != nil
            let count = state.withLock { state in
                state.calls.append(request)
                return state.calls.count
            }
            // First each is asked alone, then both are beside each other, then the base alone.
            let isMixed = concurrency > 1 && (9...40).contains(count)
            if isMixed { await meet(isTuned) }
            return Completion(
                text: isTuned || (leaks && isMixed) ? "tuned" : "base", finishReason: "stop", promptTokens: 1,
                cachedTokens: 0, completionTokens: 1, latencyMicroseconds: 1)
        }

        /// Waits for a call of the other kind.
        private func meet(_ isTuned: Bool) async {
            await withCheckedContinuation { continuation in
                let other = state.withLock { state -> CheckedContinuation<Void, Never>? in
                    if let other = state.waiting[!isTuned]?.popLast() { return other }
                    state.waiting[isTuned, default: []].append(continuation)
                    return nil
                }
                guard let other else { return }
                other.resume()
                continuation.resume()
            }
        }

        func revision(of model: String) async throws -> String { model }
    }

    private func check(at server: LeakyServer) async throws -> GoldenCheck {
        let prompts = (0..<4).map {
            GoldenPrompt(messages: [ChatMessage(role: .user, content: "\($0)")], choices: ["base", "tuned"])
        }
        return try await GoldenComparison.run(
            prompts, trained: Array(repeating: "tuned", count: 4), trainedBase: Array(repeating: "base", count: 4),
            candidate: Candidate(
                name: "c", system: nil, user: "", demonstrations: [], model: "m", decoding: DecodingDefinition(),
                choices: ["base", "tuned"], adapter: Digest(of: "adapter")),
            server: server)
    }

    @Test(
        "a server that answers the base with the adapter when both are asked at once is found out",
        arguments: [true, false])
    func mixed(leaks: Bool) async throws {
        let server = LeakyServer(leaks: leaks, concurrency: 4)
        let check = try await check(at: server)
        let mixed = try #require(check.mixed)
        #expect(mixed.calls == MixedLoad.leastCalls && mixed.isDisturbed == leaks)
        #expect(check.problem(of: TrainingJobID(1))?.code == (leaks ? "adapter.base_disturbed" : nil))
        // Only where an answer differed is the base asked alone, as often at once.
        #expect(server.calls.count == 8 + 32 + (leaks ? 16 : 0))
    }

    @Test("the adapter's prompts come before the base's, and a server of one call at a time is asked no more")
    func order() async throws {
        let server = LeakyServer(leaks: false, concurrency: 1)
        let check = try await check(at: server)
        #expect(check.mixed == nil && check.problem(of: TrainingJobID(1)) == nil)
        #expect(
            server.calls.map { $0.adapter != nil } == Array(repeating: true, count: 4)
                + Array(repeating: false, count: 4))
    }
}
