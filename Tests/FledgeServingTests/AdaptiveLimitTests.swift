import FledgeTestKit
import Synchronization
import Testing

@testable import FledgeServing

@Suite("Pacing")
struct AdaptiveLimitTests {
    @Test("the limit halves on overload and grows by about one each round of successes")
    func adapts() async throws {
        let limit = AdaptiveLimit(initial: 8, maximum: 10)
        limit.release(try await limit.acquire(), .overloaded)
        #expect(limit.current == 4)
        for _ in 0..<5 {
            limit.release(try await limit.acquire(), .success)
        }
        #expect(limit.current == 5)
        for _ in 0..<200 {
            limit.release(try await limit.acquire(), .success)
        }
        #expect(limit.current == 10)
    }

    @Test("a cancelled wait leaves the queue, and the others get their turn")
    func cancellation() async throws {
        let limit = AdaptiveLimit(initial: 1, maximum: 1)
        let ticket = try await limit.acquire()
        let waiting = Task { try await limit.acquire() }
        let waits = await eventually { limit.waiting == 1 }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiting.value }
        #expect(waits && limit.waiting == 0)
        let next = Task { try await limit.acquire() }
        let nextWaits = await eventually { limit.waiting == 1 }
        #expect(nextWaits)
        limit.release(ticket, .other)
        _ = try await next.value
    }

    @Test("after thousands of waits, many of them cancelled, every turn has come back", .timeLimit(.minutes(15)))
    func cancelledWaits() async throws {
        let limit = AdaptiveLimit(initial: 3, maximum: 3)
        let granted = Tally()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<4000 {
                let waiting = Task {
                    let ticket = try await limit.acquire()
                    granted.count.withLock { $0 += 1 }
                    await Task.yield()
                    limit.release(ticket, number.isMultiple(of: 7) ? .overloaded : .success)
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
            limit.release(try await limit.acquire(), .success)
        }
        #expect(limit.current == 3)
        var tickets: [AdaptiveLimit.Ticket] = []
        for _ in 0..<3 { tickets.append(try await limit.acquire()) }
        let fourth = Task { try await limit.acquire() }
        let waits = await eventually { limit.waiting == 1 }
        #expect(waits)
        limit.release(tickets[0], .success)
        _ = try await fourth.value
    }

    @Test("while a server takes no more calls, one at a time tries, when its pause is over", .timeLimit(.minutes(15)))
    func oneTries() async throws {
        let clock = VirtualClock()
        let limit = AdaptiveLimit(initial: 8, maximum: 8, clock: clock.limitClock)
        var tickets: [AdaptiveLimit.Ticket] = []
        for _ in 0..<8 { tickets.append(try await limit.acquire()) }
        for ticket in tickets { limit.release(ticket, .rateLimited(.seconds(20))) }
        #expect(clock.elapsed == .zero && limit.current == 1)
        let probe = try await limit.acquire()
        #expect(clock.elapsed == .seconds(20))
        let others = (0..<5).map { _ in Task { try await limit.acquire() } }
        let othersWait = await eventually { limit.waiting == 5 }
        #expect(othersWait)
        limit.release(probe, .rateLimited(.seconds(30)))
        let first = try await withThrowingTaskGroup(of: AdaptiveLimit.Ticket.self) { group in
            for other in others { group.addTask { try await other.value } }
            let first = try #require(try await group.next())
            #expect(clock.elapsed == .seconds(50))
            #expect(limit.barren == .seconds(50))
            limit.release(first, .success)
            while let ticket = try await group.next() { limit.release(ticket, .success) }
            return first
        }
        _ = first
        #expect(limit.barren == .zero && clock.elapsed > .seconds(50))
    }
}

/// A clock that goes on by as much as is slept.
final class VirtualClock: Sendable {
    private let start = ContinuousClock.now
    private let passed = Mutex(Duration.zero)

    var elapsed: Duration { passed.withLock { $0 } }

    var limitClock: AdaptiveLimit.Clock {
        AdaptiveLimit.Clock(
            now: { [self] in start + elapsed },
            sleep: { [self] duration in
                try Task.checkCancellation()
                passed.withLock { $0 += duration }
                await Task.yield()
            })
    }
}

private final class Tally: Sendable {
    let count = Mutex(0)
}
