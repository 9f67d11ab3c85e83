import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Synchronization

/// Durable transitions with their audit rows, as the daemon's own run loop makes them: claim, record, next.
///
/// One transition is: the work claimed under a lease, the cycle's new state, the audit row with its hash chain, the work
/// ended under its fencing number, and the work that follows.
enum DurableTransitions {
    static let benchmark = Benchmark(name: "transitions", run: run)

    struct Size: Sendable {
        var useCases: Int
        /// Of each use case.
        var transitions: Int
        var concurrency: Int
        /// No transition begins later than this, however many are left.
        var time: Duration?
    }

    private struct DrainTask: Encodable {
        var host: String
        var user: String
        var database: String
        var count: Int
        var batch: Int
    }

    @Sendable private static func run(quick: Bool) async throws -> [Figure] {
        let size =
            quick
            ? Size(useCases: 100, transitions: 10, concurrency: 32)
            : Size(useCases: 1000, transitions: 20, concurrency: 256)
        var contestants = [
            Contest.Contestant { try await transitions(size) },
            Contest.Contestant(peer: "raw COPY") { try await copy(size) },
        ]
        if !quick {
            contestants += [
                Contest.Contestant(peer: "dbos") {
                    try await peer("dbos", "queued_workflows.py", count: 2000, batch: 0)
                },
                Contest.Contestant(peer: "pgqueuer, batches of 10") {
                    try await peer("pgqueuer", "drain.py", count: 5000, batch: 10)
                },
                Contest.Contestant(peer: "pgqueuer, batches of 100") {
                    try await peer("pgqueuer", "drain.py", count: 20_000, batch: 100)
                },
            ]
        }
        let medians = try await Contest(contestants: contestants, rounds: quick ? 1 : 3).medians()
        return figures(
            Array(zip(contestants.map(\.peer), medians)), quick: quick,
            settings: "\(size.useCases) use cases, \(size.transitions) transitions each, one daemon's worker with "
                + "\(size.concurrency) pieces of work at once; raw COPY: the audit rows and work rows that the run left, "
                + "into the same tables; dbos: queued workflows without steps; pgqueuer: drain of a full queue")
    }

    private static func figures(
        _ results: [(peer: String?, median: Throughput)], quick: Bool, settings: String
    ) -> [Figure] {
        var figures: [Figure] = []
        func add(_ figure: String, _ value: Double, _ unit: String = "", goal: Bound? = nil, peer: String? = nil) {
            figures.append(
                Figure(
                    bench: "transitions", figure: figure, value: value, unit: unit, goal: goal, peer: peer,
                    settings: settings))
        }
        for (peer, median) in results {
            add("rate", median.perSecond, "/s", peer: peer)
            add("client CPU", median.clientCPU / Double(median.count) * 1e6, "µs each", peer: peer)
            add("server CPU", median.serverCPU / Double(median.count) * 1e6, "µs each", peer: peer)
        }
        let own = results[0].median.perSecond
        let goals = [("raw COPY", 0.3), ("dbos", 40), ("pgqueuer, batches of 10", 2), ("pgqueuer, batches of 100", 2)]
        for (peer, goal) in goals {
            guard let other = results.first(where: { $0.peer == peer })?.median.perSecond else { continue }
            // So few transitions say nothing of the rate: a short run shows that everything works.
            add("rate ÷ \(peer)", own / other, goal: quick ? nil : .atLeast(goal))
        }
        return figures
    }

    // MARK: Fledge

    /// Ends each round at once, until a cycle has had its transitions.
    private final class Rounds: WorkHandler {
        private let last: Int
        private let deadline: ContinuousClock.Instant?
        private let left: Atomic<Int>
        private let done: AsyncStream<Void>.Continuation

        init(_ size: Size, done: AsyncStream<Void>.Continuation) {
            last = size.transitions
            deadline = size.time.map { .now + $0 }
            left = Atomic(size.useCases)
            self.done = done
        }

        func handle(_ item: WorkItem) async throws -> WorkOutcome {
            guard case .runExperiment(let round) = item.action else { return .finished }
            let isLate = deadline.map { .now > $0 } ?? false
            if round <= last, !isLate { return .event(.roundFinished) }
            if left.subtract(1, ordering: .relaxed).newValue == 0 { done.finish() }
            return .finished
        }
    }

    private static func transitions(_ size: Size) async throws -> Throughput {
        try await DurableServer.fixture.withDatabase(maximumConnections: 12) { pool in
            try await UseCaseField(pool: pool).add(size.useCases, .experimenting, prefix: "bench")
            let throughput = try await run(size, on: pool)
            guard throughput.count == size.useCases * size.transitions else {
                throw FledgeError("bench.lost", "\(throughput.count) transitions are in the history")
            }
            try await keepRows(pool)
            return throughput
        }
    }

    /// Counts what the history has afterwards.
    static func run(_ size: Size, on pool: PostgresPool) async throws -> Throughput {
        let store = PostgresStores(pool: pool, logger: DurableServer.fixture.logger)
        let (end, done) = AsyncStream.makeStream(of: Void.self)
        var settings = WorkerService.Settings()
        settings.concurrency = size.concurrency
        let worker = WorkerService(
            worker: "bench", host: "bench", processID: ProcessInfo.processInfo.processIdentifier, settings: settings,
            queue: store, cycles: CycleService(stores: store), handlers: [.runExperiment: Rounds(size, done: done)],
            logger: DurableServer.fixture.logger)
        return try await Throughput.measured {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await worker.run() }
                group.addTask { for await _ in end {} }
                try await group.next()
                group.cancelAll()
            }
            return try await pool.query("SELECT count(*) AS n FROM transition").first?.get("n", as: Int.self) ?? 0
        }
    }

    // MARK: Raw COPY

    private static let tables = ["transition", "work_item"]

    private static func file(_ table: String) async throws -> String {
        try await DurableServer.fixture.cluster.layout.data + "/bench-\(table).copy"
    }

    private static func keepRows(_ pool: PostgresPool) async throws {
        for table in tables { try await pool.execute("COPY \(table) TO '\(try await file(table))'") }
    }

    /// The server reads the rows from a file of its own: no client has a part in it.
    private static func copy(_ size: Size) async throws -> Throughput {
        try await DurableServer.fixture.withDatabase { pool in
            try await UseCaseField(pool: pool).add(size.useCases, .experimenting, prefix: "bench")
            try await pool.execute("DELETE FROM work_item")
            let files = [try await file(tables[0]), try await file(tables[1])]
            return try await Throughput.measured {
                for (table, file) in zip(tables, files) { try await pool.execute("COPY \(table) FROM '\(file)'") }
                return size.useCases * size.transitions
            }
        }
    }

    // MARK: Peers

    private static func peer(_ name: String, _ script: String, count: Int, batch: Int) async throws -> Throughput {
        try await DurableServer.fixture.withConnectionString(migrated: false) { connectionString in
            let address = DurableServer.Address(
                connectionString: connectionString, server: try await DurableServer.fixture.cluster)
            let before = try await DurableServer.cpuSeconds()
            let answer = try await PeerScript(peer: name, script: script).run(
                DrainTask(
                    host: address.host, user: address.user, database: address.database, count: count, batch: batch),
                as: PeerThroughput.self, timeout: .seconds(1200))
            guard answer.finished == count else {
                throw FledgeError("bench.peer_failed", "\(name) finished \(answer.finished) of \(count)")
            }
            return Throughput(
                count: count, seconds: answer.seconds, clientCPU: answer.cpu_seconds,
                serverCPU: try await DurableServer.cpuSeconds() - before)
        }
    }
}
