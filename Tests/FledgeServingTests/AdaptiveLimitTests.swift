import Testing

@testable import FledgeServing

@Suite("Pacing")
struct AdaptiveLimitTests {
    @Test("the limit halves on overload and grows by about one each round of successes")
    func adapts() async throws {
        let limit = AdaptiveLimit(initial: 8, maximum: 10)
        try await limit.acquire()
        limit.release(.overloaded)
        #expect(limit.current == 4)
        for _ in 0..<5 {
            try await limit.acquire()
            limit.release(.success)
        }
        #expect(limit.current == 5)
        for _ in 0..<200 {
            try await limit.acquire()
            limit.release(.success)
        }
        #expect(limit.current == 10)
    }

    @Test("a cancelled wait leaves the queue, and the others get their turn")
    func cancellation() async throws {
        let limit = AdaptiveLimit(initial: 1, maximum: 1)
        try await limit.acquire()
        let waiting = Task { try await limit.acquire() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        let next = Task { try await limit.acquire() }
        limit.release(.other)
        try await next.value
    }
}
