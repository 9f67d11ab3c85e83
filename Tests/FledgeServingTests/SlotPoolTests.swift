import FledgeCore
import FledgeTestKit
import Synchronization
import Testing

@testable import FledgeServing

@Suite("Slots of the local server")
struct SlotPoolTests {
    private let first = Digest(of: "first prompt")
    private let second = Digest(of: "second prompt")

    @Test("a question gets the slot that has its beginning cached")
    func affinity() async throws {
        let pool = SlotPool(count: 2)
        let one = try await pool.acquire(prefix: first)
        let two = try await pool.acquire(prefix: second)
        pool.release(one)
        pool.release(two)
        let again = try await pool.acquire(prefix: second)
        #expect(again == two)
        let other = try await pool.acquire(prefix: first)
        #expect(other == one)
    }

    @Test("a freed slot goes to a waiting question with the same beginning, though another waited longer")
    func waiting() async throws {
        let pool = SlotPool(count: 1)
        let slot = try await pool.acquire(prefix: first)
        let order = Turns()
        let secondWaits = Task { try await turn(second, in: pool, noting: order) }
        let oneWaits = await eventually { pool.waiting == 1 }
        let firstWaits = Task { try await turn(first, in: pool, noting: order) }
        let bothWait = await eventually { pool.waiting == 2 }
        #expect(oneWaits && bothWait)
        pool.release(slot)
        try await secondWaits.value
        try await firstWaits.value
        #expect(order.all == [first, second])
    }

    @Test("a cancelled question leaves the queue, and the slot goes on to the next")
    func cancellation() async throws {
        let pool = SlotPool(count: 1)
        let slot = try await pool.acquire(prefix: first)
        let waiting = Task { try await pool.acquire(prefix: first) }
        let waits = await eventually { pool.waiting == 1 }
        #expect(waits)
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        pool.release(slot)
        let next = try await pool.acquire(prefix: second)
        #expect(next == slot)
    }

    @Test("after thousands of questions, many of them cancelled, every slot has come back", .timeLimit(.minutes(15)))
    func cancelledQuestions() async throws {
        let pool = SlotPool(count: 3)
        let prefixes = [first, second, Digest(of: "third prompt"), Digest(of: "fourth prompt")]
        let taken = Taken()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<4000 {
                let asking = Task {
                    let slot = try await pool.acquire(prefix: prefixes[number % prefixes.count])
                    let isAlone = taken.slots.withLock { $0.insert(slot).inserted }
                    #expect(isAlone)
                    await Task.yield()
                    taken.slots.withLock { _ = $0.remove(slot) }
                    pool.release(slot)
                }
                group.addTask { _ = await asking.result }
                if !number.isMultiple(of: 3) {
                    group.addTask {
                        if number.isMultiple(of: 2) { await Task.yield() }
                        asking.cancel()
                    }
                }
            }
        }
        #expect(pool.waiting == 0)
        var slots: Set<Int> = []
        for _ in 0..<3 { slots.insert(try await pool.acquire(prefix: first)) }
        #expect(slots == [0, 1, 2])
    }

    private func turn(_ prefix: Digest, in pool: SlotPool, noting order: Turns) async throws {
        let slot = try await pool.acquire(prefix: prefix)
        order.note(prefix)
        pool.release(slot)
    }
}

/// Who had a turn, in order.
private final class Turns: Sendable {
    private let prefixes = Mutex<[Digest]>([])

    var all: [Digest] { prefixes.withLock { $0 } }

    func note(_ prefix: Digest) { prefixes.withLock { $0.append(prefix) } }
}

private final class Taken: Sendable {
    let slots = Mutex<Set<Int>>([])
}
