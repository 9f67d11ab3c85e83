import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Synchronization

/// How long work that somebody asks for waits until a worker's handler begins it.
struct EnqueueToStart: Sendable {
    let pool: PostgresPool

    private final class Starts: WorkHandler {
        private let waiting = Mutex<[CycleID: ContinuousClock.Instant]>([:])
        private let seconds = Mutex<[Double]>([])
        private let arrivals: AsyncStream<Void>.Continuation

        init(_ arrivals: AsyncStream<Void>.Continuation) { self.arrivals = arrivals }

        func asked(_ cycle: CycleID) { waiting.withLock { $0[cycle] = .now } }

        var all: [Double] { seconds.withLock { $0 } }

        func handle(_ item: WorkItem) async throws -> WorkOutcome {
            if let cycle = item.cycle, let start = waiting.withLock({ $0.removeValue(forKey: cycle) }) {
                let waited = start.duration(to: .now) / .seconds(1)
                seconds.withLock { $0.append(waited) }
                arrivals.yield()
            }
            return .finished
        }
    }

    /// Sees `count` idle use cases drift, one after the other, while a worker of its own looks for work.
    ///
    /// - Returns: seconds from asking, which records a transition with its work, to the handler's first line.
    func measure(_ count: Int, skipping skipped: Int) async throws -> [Double] {
        let ids = try await pool.query(
            "SELECT id FROM cycle WHERE activity = 'live' ORDER BY id OFFSET $1 LIMIT $2", [skipped, count]
        ).map { try $0.get("id", as: Int64.self) }
        let store = PostgresStores(pool: pool, logger: DurableServer.fixture.logger)
        let (stream, arrivals) = AsyncStream.makeStream(of: Void.self)
        let starts = Starts(arrivals)
        let cycles = CycleService(stores: store)
        let worker = WorkerService(
            worker: "bench", host: "bench", processID: ProcessInfo.processInfo.processIdentifier,
            settings: WorkerService.Settings(), queue: store, cycles: cycles, handlers: [.runExperiment: starts],
            logger: DurableServer.fixture.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            group.addTask {
                var iterator = stream.makeAsyncIterator()
                // The worker is listening by then.
                try await Task.sleep(for: .seconds(1))
                for id in ids {
                    let cycle = CycleID(id)
                    starts.asked(cycle)
                    try await cycles.apply(.driftSeen("bench"), to: cycle, actor: "bench")
                    _ = await iterator.next()
                    // What ends the piece of work is not to be waited for by the next.
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            try await group.next()
            group.cancelAll()
        }
        return starts.all
    }
}

extension [Double] {
    /// The value below which the part `share` of them lies.
    func quantile(_ share: Double) -> Double {
        let sorted = sorted()
        return sorted.isEmpty ? .nan : sorted[Swift.min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    var median: Double { quantile(0.5) }
}
