import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation
import PostgresClient

/// A million idle use cases in the tables: the wait for work to begin, the daemon's own needs, and `fledge status`.
enum AtScale {
    static let benchmark = Benchmark(name: "at-scale", run: run)

    private struct LatencyTask: Encodable {
        var host: String
        var user: String
        var database: String
        var count: Int
    }

    private struct PeerLatency: Decodable, Sendable {
        var seconds: [Double]
        var cpu_seconds: Double
    }

    private struct Measured: Sendable {
        var few: [Double] = []
        var many: [Double] = []
        var peer: [Double] = []
        var daemon: IdleDaemon.Facts?
    }

    @Sendable private static func run(quick: Bool) async throws -> [Figure] {
        let many = quick ? 5000 : 1_000_000
        let few = quick ? 500 : 1000
        let rounds = quick ? 1 : 5
        let count = quick ? 20 : 60
        let fixture = DurableServer.fixture
        let measured = try await fixture.withConnectionString { large in
            try await fixture.withConnectionString { small in
                let pools = [large, small].map {
                    PostgresPool(
                        PostgresConfiguration(connectionString: $0, maximumConnections: 8), logger: fixture.logger)
                }
                try await UseCaseField(pool: pools[0]).add(many, .idle, prefix: "idle")
                try await UseCaseField(pool: pools[1]).add(few, .idle, prefix: "idle")
                var measured = Measured()
                for round in 0..<rounds {
                    measured.many += try await EnqueueToStart(pool: pools[0]).measure(count, skipping: round * count)
                    if !quick { measured.peer += try await procrastinate(count) }
                    measured.few += try await EnqueueToStart(pool: pools[1]).measure(count, skipping: round * count)
                }
                for pool in pools { await pool.shutdown() }
                measured.daemon = try await IdleDaemon(connectionString: large).measure(
                    idle: .seconds(quick ? 2 : 30), statuses: quick ? 5 : 20)
                return measured
            }
        }
        return figures(
            measured, quick: quick,
            settings:
                "\(many) idle use cases against \(few), \(rounds) × \(count) pieces of work in turns, each asked for "
                + "by itself; from asking (a transition with its audit row) to the handler's first line; procrastinate: "
                + "empty tables, from defer_async to the task's first line, one worker with LISTEN; idle: nothing due, "
                + "watched after the start; status: the wall time of the command, first page")
    }

    private static func figures(_ measured: Measured, quick: Bool, settings: String) -> [Figure] {
        var figures: [Figure] = []
        func add(_ figure: String, _ value: Double, _ unit: String = "", goal: Bound? = nil, peer: String? = nil) {
            figures.append(
                Figure(
                    bench: "at-scale", figure: figure, value: value, unit: unit, goal: quick ? nil : goal, peer: peer,
                    settings: settings))
        }
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let many = measured.many.quantile(share)
            let few = measured.few.quantile(share)
            add("enqueue to start, \(name), many idle", many * 1e3, "ms")
            add("enqueue to start, \(name), few idle", few * 1e3, "ms")
            if !measured.peer.isEmpty {
                let peer = measured.peer.quantile(share)
                add("enqueue to start, \(name)", peer * 1e3, "ms", peer: "procrastinate")
                add("enqueue to start, \(name) ÷ procrastinate", many / peer, goal: .atMost(0.5))
            }
            add("enqueue to start, \(name), many ÷ few", many / few, goal: .atMost(1.1))
        }
        if let daemon = measured.daemon {
            add("daemon, start to ready", daemon.secondsToReady * 1e3, "ms")
            add("idle daemon, resident memory", daemon.residentBytes / 1e6, "MB", goal: .atMost(40))
            add("idle daemon, CPU", daemon.cpu * 1e3, "ms/s")
            add("idle daemon, the database's CPU", daemon.serverCPU * 1e3, "ms/s")
            add("fledge status, p50", daemon.statusSeconds.median * 1e3, "ms", goal: .atMost(100))
            add("fledge status, slowest", (daemon.statusSeconds.max() ?? .nan) * 1e3, "ms")
        }
        return figures
    }

    private static func procrastinate(_ count: Int) async throws -> [Double] {
        try await DurableServer.fixture.withConnectionString(migrated: false) { connectionString in
            let address = DurableServer.Address(
                connectionString: connectionString, server: try await DurableServer.fixture.cluster)
            return try await PeerScript(peer: "procrastinate", script: "latency.py").run(
                LatencyTask(host: address.host, user: address.user, database: address.database, count: count),
                as: PeerLatency.self, timeout: .seconds(600)
            ).seconds
        }
    }
}
