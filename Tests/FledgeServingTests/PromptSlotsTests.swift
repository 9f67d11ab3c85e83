import FledgeCore
import FledgeTestKit
import Synchronization
import Testing

@testable import FledgeServing

@Suite("Slots of the local server")
struct PromptSlotsTests {
    private let first = Digest(of: "first prompt")
    private let second = Digest(of: "second prompt")

    @Test("a question gets the slot that has its beginning cached")
    func affinity() {
        var slots = PromptSlots(count: 2)
        let taken = [first, second, first].map { slots.take(for: $0) }
        #expect(taken == [0, 1, nil])
        for slot in [0, 1] { slots.giveBack(slot) }
        #expect(slots.favours(first) && slots.favours(second) && !slots.favours(Digest(of: "third prompt")))
        let again = [second, first].map { slots.take(for: $0) }
        #expect(again == [1, 0] && !slots.favours(first))
    }

    @Test("after a long row of questions with one beginning the slot favours nobody, and then again")
    func streak() {
        var slots = PromptSlots(count: 1)
        func ask() {
            let slot = slots.take(for: first)
            #expect(slot == 0)
            slots.giveBack(0)
        }
        for number in 1...64 {
            #expect(slots.favours(first) == (number > 1))
            ask()
        }
        #expect(!slots.favours(first))
        ask()
        #expect(slots.favours(first))
    }

    @Test("a freed slot goes to a waiting question with the same beginning, though another waited longer")
    func waiting() async throws {
        let limit = AdaptiveLimit(slots: 1)
        let ticket = try await limit.acquire(prefix: first)
        let order = Turns()
        let secondWaits = Task { try await turn(second, at: limit, noting: order) }
        let oneWaits = await eventually { limit.waiting == 1 }
        let firstWaits = Task { try await turn(first, at: limit, noting: order) }
        let bothWait = await eventually { limit.waiting == 2 }
        #expect(oneWaits && bothWait && ticket.slot == 0)
        limit.release(ticket, .success)
        try await secondWaits.value
        try await firstWaits.value
        #expect(order.all == [first, second])
    }

    @Test("a cancelled question leaves the line, and the slot goes on to the next")
    func cancellation() async throws {
        let limit = AdaptiveLimit(slots: 1)
        let ticket = try await limit.acquire(prefix: first)
        let waiting = Task { try await limit.acquire(prefix: first) }
        let waits = await eventually { limit.waiting == 1 }
        #expect(waits)
        waiting.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiting.value }
        limit.release(ticket, .success)
        let next = try await limit.acquire(prefix: second)
        #expect(next.slot == ticket.slot)
    }

    @Test("after thousands of questions, many of them cancelled, every slot has come back", .timeLimit(.minutes(5)))
    func cancelledQuestions() async throws {
        let limit = AdaptiveLimit(slots: 3)
        let prefixes = [first, second, Digest(of: "third prompt"), Digest(of: "fourth prompt")]
        let taken = Taken()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<4000 {
                let asking = Task {
                    let ticket = try await limit.acquire(prefix: prefixes[number % prefixes.count])
                    let slot = try #require(ticket.slot)
                    let isAlone = taken.slots.withLock { $0.insert(slot).inserted }
                    #expect(isAlone)
                    await Task.yield()
                    taken.slots.withLock { _ = $0.remove(slot) }
                    limit.release(ticket, .success)
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
        #expect(limit.waiting == 0)
        var slots: Set<Int?> = []
        for _ in 0..<3 { slots.insert(try await limit.acquire(prefix: first).slot) }
        #expect(slots == [0, 1, 2])
    }

    private func turn(_ prefix: Digest, at limit: AdaptiveLimit, noting order: Turns) async throws {
        let ticket = try await limit.acquire(prefix: prefix)
        order.note(prefix)
        limit.release(ticket, .success)
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
