import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Synchronization
import Testing

@Suite("Places at a model server", .timeLimit(.minutes(15)))
struct CallQueueTests {
    private static let big = UseCaseID(rawValue: 1)
    private static let small = UseCaseID(rawValue: 2)

    /// How many calls are under way, and how many ever were.
    private final class Meter: Sendable {
        private let state = Mutex((now: 0, most: 0, made: 0))
        var most: Int { state.withLock(\.most) }
        var made: Int { state.withLock(\.made) }
        func begin() {
            state.withLock { ($0.now, $0.most, $0.made) = ($0.now + 1, max($0.most, $0.now + 1), $0.made + 1) }
        }
        func end() { state.withLock { $0.now -= 1 } }
    }

    /// Who was let in, in order.
    private final class Order: Sendable {
        private let list = Mutex<[UseCaseID]>([])
        var all: [UseCaseID] { list.withLock { $0 } }
        func add(_ useCase: UseCaseID) { list.withLock { $0.append(useCase) } }
    }

    @Test("a use case with a call to make waits for one round of the others, not for the end of their lines")
    func turns() async throws {
        let queue = CallQueue()
        queue.set(bears: 1, limit: nil, for: Self.big)
        let order = Order()
        try await queue.enter(Self.big)
        try await withThrowingTaskGroup(of: Void.self) { group in
            func add(_ useCase: UseCaseID) {
                group.addTask {
                    try await queue.enter(useCase)
                    order.add(useCase)
                    queue.leave(bears: 1)
                }
            }
            for _ in 0..<300 { add(Self.big) }
            #expect(await eventually { queue.demand.wanted == 301 })
            add(Self.small)
            #expect(await eventually { queue.demand.wanted == 302 })
            queue.leave(bears: 1)
            try await group.waitForAll()
        }
        #expect(order.all.firstIndex(of: Self.small) == 1)
        #expect(queue.demand.inUse == 0 && queue.demand.wanted == 0)
    }

    @Test("a call that gives up while it waits leaves no hole, and takes no place")
    func cancelled() async throws {
        let queue = CallQueue()
        queue.set(bears: 1, limit: nil, for: Self.big)
        try await queue.enter(Self.big)
        let gaveUp = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do {
                        try await queue.enter(Self.small)
                        queue.leave(bears: 1)
                        return false
                    } catch { return error is CancellationError }
                }
            }
            let allWait = await eventually { queue.demand.wanted == 21 }
            #expect(allWait)
            group.cancelAll()
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(gaveUp == 20 && queue.demand.wanted == 1)
        queue.leave(bears: 1)
        try await queue.enter(Self.big)
        #expect(queue.demand.inUse == 1)
    }

    @Test("no call begins on places whose lease has ended")
    func ended() async throws {
        let starvings = Meter()
        let queue = CallQueue { starvings.begin() }
        queue.set(bears: 8, limit: 4, for: Self.big)
        queue.set(places: 4, until: .now - .milliseconds(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await queue.enter(Self.big) }
            #expect(await eventually { starvings.made == 1 })
            #expect(queue.demand.inUse == 0 && queue.demand.wanted == 1)
            queue.set(places: 4, until: .now + .seconds(60))
            try await group.waitForAll()
        }
        #expect(queue.demand.inUse == 1)
    }

    /// Grants what is wanted, and counts how often it is asked.
    private final class CountingStore: AllotmentStore {
        private let count = Mutex(0)
        var asked: Int { count.withLock { $0 } }

        func allot(
            _ resource: String, to holder: String, wanted: Int, inUse: Int, limit: Int, lease: Duration
        ) async throws -> Int {
            count.withLock { $0 += 1 }
            return min(wanted, limit)
        }

        func takePlace(_ resource: String, by holder: String, limit: Int, lease: Duration) async throws -> Bool { true }
        func giveUp(_ resource: String, of holder: String) async throws {}
    }

    @Test("a queue that nobody goes through gives its places back, and asks for none again and again")
    func idle() async throws {
        let store = CountingStore()
        let queues = CallQueues(store: store, holder: "idle", logger: PostgresFixture.shared.logger)
        let queue = CallQueue()
        queue.set(bears: 8, limit: 4, for: Self.big)
        await queues.ask("model-server:test", queue)
        #expect(store.asked == 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await queue.enter(Self.big) }
            #expect(await eventually { queue.demand.wanted == 1 })
            await queues.ask("model-server:test", queue)
            try await group.waitForAll()
        }
        queue.leave(bears: 8)
        for _ in 0..<5 { await queues.ask("model-server:test", queue) }
        #expect(store.asked == 2 && !queue.demand.hasPlaces)
    }

    @Test("calls of four daemons never pass the server's limit together, all are made, and no daemon is left out")
    func daemons() async throws {
        let limit = 6
        try await PostgresFixture.shared.withDatabase(maximumConnections: 8) { pool in
            let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
            let meter = Meter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for daemon in 0..<4 {
                    group.addTask {
                        let queues = CallQueues(
                            store: store, holder: "daemon-\(daemon)", lease: .seconds(10),
                            logger: PostgresFixture.shared.logger)
                        let queue = CallQueue()
                        queue.set(bears: 64, limit: limit, for: Self.big)
                        let own = Meter()
                        try await withThrowingTaskGroup(of: Bool.self) { calls in
                            for _ in 0..<40 {
                                calls.addTask {
                                    try await queue.enter(Self.big)
                                    meter.begin()
                                    own.begin()
                                    for _ in 0..<20 { await Task.yield() }
                                    meter.end()
                                    queue.leave(bears: 64)
                                    return true
                                }
                            }
                            calls.addTask {
                                var isDone = false
                                while !isDone {
                                    await queues.ask("model-server:test", queue)
                                    isDone = queue.demand.wanted == 0 && own.made == 40
                                }
                                return false
                            }
                            try await calls.waitForAll()
                        }
                        try await store.giveUp("model-server:test", of: "daemon-\(daemon)")
                    }
                }
                try await group.waitForAll()
            }
            #expect(meter.most <= limit && meter.made == 160)
        }
    }

    @Test("what is left of daemons that are long gone is taken away by the next that comes")
    func sweeps() async throws {
        try await PostgresFixture.shared.withDatabase { pool in
            let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
            for holder in ["gone", "late"] {
                _ = try await store.allot(
                    "model-server:test", to: holder, wanted: 1, inUse: 0, limit: 4, lease: .seconds(3600))
            }
            _ = try await pool.execute(
                "UPDATE allotment SET leased_until = now() - interval '2 hours' WHERE holder = 'gone'")
            _ = try await store.allot(
                "model-server:test", to: "new", wanted: 1, inUse: 0, limit: 4, lease: .seconds(3600))
            let holders = try await pool.query("SELECT holder FROM allotment ORDER BY holder")
                .map { try $0.get("holder", as: String.self) }
            #expect(holders == ["late", "new"])
        }
    }

    @Test("a dead daemon's places come back when its lease ends, and not before")
    func dead() async throws {
        try await PostgresFixture.shared.withDatabase { pool in
            let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
            let resource = "model-server:test"
            let first = try await store.allot(
                resource, to: "dead", wanted: 9, inUse: 0, limit: 5, lease: .seconds(3600))
            let second = try await store.allot(
                resource, to: "heir", wanted: 5, inUse: 0, limit: 5, lease: .seconds(3600))
            #expect(first == 5 && second == 0)
            _ = try await pool.execute(
                "UPDATE allotment SET leased_until = now() - interval '1 second' WHERE holder = 'dead'")
            let third = try await store.allot(
                resource, to: "heir", wanted: 5, inUse: 0, limit: 5, lease: .seconds(3600))
            #expect(third == 5)
        }
    }

    @Test("of many jobs as many as there are places get one; a place that is kept, given up or lapsed is counted so")
    func places() async throws {
        try await PostgresFixture.shared.withDatabase(maximumConnections: 8) { pool in
            let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
            let taken = try await withThrowingTaskGroup(of: String?.self) { group in
                for job in 0..<20 {
                    group.addTask {
                        let isIn = try await store.takePlace(
                            "executor:x", by: "\(job)", limit: 3, lease: .seconds(3600))
                        return isIn ? "\(job)" : nil
                    }
                }
                return try await group.reduce(into: [String]()) { if let job = $1 { $0.append(job) } }
            }
            #expect(taken.count == 3)
            #expect(try await store.takePlace("executor:x", by: taken[0], limit: 3, lease: .zero))
            // The place that lapsed is one of those' that waited, not a newcomer's; so is the one that is given up.
            var isIn = Set(taken.dropFirst())
            for _ in 1...2 {
                #expect(try await !store.takePlace("executor:x", by: "newcomer", limit: 3, lease: .seconds(3600)))
                for job in (0..<20).map(String.init) where !taken.contains(job) && !isIn.contains(job) {
                    if try await store.takePlace("executor:x", by: job, limit: 3, lease: .seconds(3600)) {
                        isIn.insert(job)
                    }
                }
                #expect(isIn.count == 3)
                isIn.remove(taken[1])
                try await store.giveUp("executor:x", of: taken[1])
            }
        }
    }
}
