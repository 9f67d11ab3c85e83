import CurlClient
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

    @Test("pauses double up to the cap, obey the server, and end with the attempts")
    func pauses() {
        let policy = RetryPolicy(attempts: 4, base: .seconds(1), cap: .seconds(3))
        #expect(policy.pause(afterAttempt: 1, headers: nil, random: 1) == .seconds(1))
        #expect(policy.pause(afterAttempt: 2, headers: nil, random: 0.5) == .seconds(1))
        #expect(policy.pause(afterAttempt: 3, headers: nil, random: 1) == .seconds(3))
        #expect(policy.pause(afterAttempt: 4, headers: nil, random: 1) == nil)
        #expect(policy.pause(afterAttempt: 1, headers: ["Retry-After": "7"], random: 0) == .seconds(7))
        #expect(
            policy.pause(afterAttempt: 1, headers: ["Retry-After-Ms": "70", "Retry-After": "7"], random: 0)
                == .milliseconds(70))
        #expect(policy.pause(afterAttempt: 1, headers: ["Retry-After": "600"], random: 0) == nil)
        #expect(
            policy.pause(afterAttempt: 1, headers: ["Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"], random: 1)
                == .seconds(1))
    }
}
