import Synchronization
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

    @Test("after thousands of waits, many of them cancelled, every turn has come back", .timeLimit(.minutes(1)))
    func cancelledWaits() async throws {
        let limit = AdaptiveLimit(initial: 3, maximum: 3)
        let granted = Tally()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<4000 {
                let waiting = Task {
                    try await limit.acquire()
                    granted.count.withLock { $0 += 1 }
                    await Task.yield()
                    limit.release(number.isMultiple(of: 7) ? .overloaded : .success)
                }
                group.addTask { _ = await waiting.result }
                // Before it waits, while it waits, or as its turn comes: whichever it happens to be.
                if !number.isMultiple(of: 3) {
                    group.addTask {
                        if number.isMultiple(of: 2) { await Task.yield() }
                        waiting.cancel()
                    }
                }
            }
        }
        #expect(granted.count.withLock { $0 } >= 1334)
        // All turns are free again: none was lost to a waiter that had gone.
        for _ in 0..<60 {
            try await limit.acquire()
            limit.release(.success)
        }
        #expect(limit.current == 3)
        for _ in 0..<3 { try await limit.acquire() }
        let fourth = Task { try await limit.acquire() }
        limit.release(.success)
        try await fourth.value
    }
}

private final class Tally: Sendable {
    let count = Mutex(0)
}
