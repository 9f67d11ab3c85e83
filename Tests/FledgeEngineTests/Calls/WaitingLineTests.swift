import FledgeCore
import FledgeTestKit
import Synchronization
import Testing

@testable import FledgeEngine

@Suite("The line of those who wait for a place", .timeLimit(.minutes(5)))
struct WaitingLineTests {
    private struct Refused: Error {}

    /// Who was let in, in order.
    private final class Turns: Sendable {
        private let list = Mutex<[Int]>([])
        var all: [Int] { list.withLock { $0 } }
        func add(_ number: Int) { list.withLock { $0.append(number) } }
    }

    /// Places that are alike, for numbered callers.
    private final class Places: Sendable {
        let line: WaitingLine<Int, Int, Int>

        init(_ count: Int) { line = WaitingLine(count) }

        var free: Int { line.withLock { free, _ in free } }
        var waiting: Int { line.withLock { _, line in line.count } }

        func take(_ number: Int) async throws -> Int {
            try await line.wait { free, line, _ in
                guard line.isEmpty, free > 0 else { return .waits(number) }
                free -= 1
                return .granted(number)
            }
        }

        func give() {
            line.withLock { free, line in
                free += 1
                while free > 0, let next = line.first() { if line.admit(next.id, next.waiter) { free -= 1 } }
            }
        }
    }

    @Test("who has waited longest is let in first, with what it is granted")
    func order() async throws {
        let places = Places(1)
        #expect(try await places.take(0) == 0)
        let turns = Turns()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...80 {
                group.addTask {
                    turns.add(try await places.take(number))
                    places.give()
                }
                #expect(await eventually { places.waiting == number })
            }
            places.give()
            try await group.waitForAll()
        }
        #expect(turns.all == Array(1...80) && places.free == 1)
    }

    @Test("a task that is cancelled before it comes, or while it waits, leaves no hole and takes no place")
    func cancelled() async throws {
        let places = Places(1)
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await places.take(0)
        }
        await #expect(throws: CancellationError.self) { _ = try await early.value }
        #expect(places.free == 1)
        _ = try await places.take(0)
        let waiting = (1...3).map { number in Task { try await places.take(number) } }
        let allWait = await eventually { places.waiting == 3 }
        #expect(allWait)
        for number in [0, 2] { waiting[number].cancel() }
        for number in [0, 2] { await #expect(throws: CancellationError.self) { _ = try await waiting[number].value } }
        #expect(places.waiting == 1)
        places.give()
        #expect(try await waiting[1].value == 2)
        places.give()
        #expect(places.free == 1)
    }

    @Test("those that the owner refuses end with its reason, at once or out of the line, and the others wait on")
    func refused() async throws {
        let places = Places(0)
        await #expect(throws: Refused.self) {
            _ = try await places.line.wait { _, _, _ in .refused(Refused()) }
        }
        let waiting = (0..<4).map { number in Task { try await places.take(number) } }
        let allWait = await eventually { places.waiting == 4 }
        #expect(allWait)
        places.line.withLock { _, line in line.refuse { $0.isMultiple(of: 2) ? Refused() : nil } }
        for number in [0, 2] { await #expect(throws: Refused.self) { _ = try await waiting[number].value } }
        #expect(places.waiting == 2)
        for _ in 0..<2 { places.give() }
        #expect(try await [waiting[1].value, waiting[3].value] == [1, 3])
    }

    @Test("who comes is told once it stands in the line, and may then let itself in")
    func told() async throws {
        let places = Places(0)
        let granted = try await places.line.wait { _, _, _ in
            .waits(7)
        } whenWaiting: {
            places.give()
        }
        #expect(granted == 7 && places.free == 0)
    }

    @Test("after thousands of waits, many of them cancelled, every place has come back")
    func churn() async throws {
        let places = Places(3)
        let turns = Turns()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<4000 {
                let waiting = Task {
                    turns.add(try await places.take(number))
                    await Task.yield()
                    places.give()
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
        #expect(turns.all.count >= 1334 && places.free == 3 && places.waiting == 0)
    }
}
