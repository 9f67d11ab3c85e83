import FledgeCore
import FledgeDocument
import FledgePostgres
import FledgeTestKit
import Foundation
import Glibc
import PostgresClient

extension Scenario {
    /// The server goes away, in each of its ways, and sessions are ended one and all.
    static let database = Scenario(
        name: "database", about: "PostgreSQL restarted at once and in order, its sessions terminated",
        faults: { run in
            let rounds = run.plan.isQuick ? 1 : 6
            let start = ContinuousClock.now
            var terminated = 0
            for round in 1...rounds {
                for _ in 1...5 {
                    terminated += try await run.terminateSessions()
                    try await Task.sleep(for: .milliseconds(300))
                }
                try await run.restart { try await run.arena.cluster.stop() }
                try await Task.sleep(for: .seconds(2))
                try await run.restart { try await run.endServer() }
                try await Task.sleep(for: .seconds(2))
                run.say(Progress.rate(round, of: rounds, "rounds", since: start))
            }
            return [
                run.figure("sessions terminated", terminated, "sessions", goal: .atLeast(1)),
                run.figure("fast restarts", rounds, "restarts"),
                run.figure("immediate restarts", rounds, "restarts"),
            ]
        })

    /// Many sessions that do nothing, beside the daemons' own.
    static let idle = Scenario(
        name: "idle", about: "300 idle connections at the side",
        settings: { _ in
            var settings = Arena.Settings()
            settings.maximumConnections = 400
            return settings
        },
        faults: { run in
            let configuration = PostgresConfiguration(
                connectionString: run.arena.cluster.connectionString(), applicationName: "idle")
            var idle: [PostgresConnection] = []
            for _ in 1...300 { idle.append(try await PostgresConnection.open(configuration)) }
            let start = ContinuousClock.now
            let window = Duration.seconds(run.plan.isQuick ? 5 : 20)
            try await Task.sleep(for: window + .seconds(3))
            let rate = run.throughput.rate(over: window, since: start) ?? 0
            run.say("\(rate.formatted(decimals: 1)) transitions/s beside \(idle.count) idle connections")
            for connection in idle { await connection.close() }
            return [
                run.figure("idle connections", idle.count, "connections"),
                run.figure("rate beside them", rate, "transitions/s"),
            ]
        })
}

extension ScenarioRun {
    /// Ends every daemon's session. - Returns: how many there were.
    fileprivate func terminateSessions() async throws -> Int {
        let from = Date()
        let rows = try await arena.pool.query(
            "SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE application_name = 'fledged'")
        arena.faults.note(.stalled, daemon: nil, from: from, to: Date().addingTimeInterval(2))
        return rows.count
    }

    /// Runs the body, which ends the server, and starts it again.
    func restart(_ body: () async throws -> Void) async throws {
        let from = Date()
        try await body()
        try await Task.sleep(for: .milliseconds(500))
        try await arena.cluster.start()
        // A daemon that waits for its turn to connect again is still cut off for a while.
        arena.faults.note(.stalled, daemon: nil, from: from, to: Date().addingTimeInterval(5))
    }

    /// The server's immediate shutdown: as after a crash, it recovers at the next start.
    fileprivate func endServer() async throws {
        guard let process = arena.cluster.serverProcess else { return }
        _ = kill(process, SIGQUIT)
        let deadline = ContinuousClock.now + .seconds(20)
        while try await arena.cluster.isRunning() {
            guard ContinuousClock.now < deadline else {
                throw FledgeError("chaos.server_lives", "PostgreSQL does not end at SIGQUIT")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
