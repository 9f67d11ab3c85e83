import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation
import PostgresClient

/// Transitions while somebody holds an old snapshot (a backup, a forgotten psql): nothing that dies can be cleaned away.
enum OldSnapshot {
    static let benchmark = Benchmark(name: "old-snapshot", run: run)

    @Sendable private static func run(quick: Bool) async throws -> [Figure] {
        let time = Duration.seconds(quick ? 2 : 90)
        let size = DurableTransitions.Size(useCases: 1000, transitions: .max, concurrency: 64, time: time)
        let medians = try await Contest(
            contestants: [
                .init { try await throughput(size, isHeld: true) },
                .init(peer: "no reader") { try await throughput(size, isHeld: false) },
            ], rounds: quick ? 1 : 3
        ).medians()
        let settings =
            "transitions for \(Int(time / .seconds(1))) s on 1000 use cases, with and without a reader that holds a "
            + "repeatable read snapshot from before the first of them, in turns"
        let rates = medians.map(\.perSecond)
        return [
            Figure(
                bench: "old-snapshot", figure: "rate beside an old snapshot", value: rates[0], unit: "/s",
                settings: settings),
            Figure(
                bench: "old-snapshot", figure: "rate", value: rates[1], unit: "/s", peer: "no reader",
                settings: settings),
            Figure(
                bench: "old-snapshot", figure: "rate ÷ clean rate", value: rates[0] / rates[1], unit: "",
                goal: quick ? nil : .atLeast(0.95), settings: settings),
        ]
    }

    private static func throughput(_ size: DurableTransitions.Size, isHeld: Bool) async throws -> Throughput {
        try await DurableServer.fixture.withDatabase(maximumConnections: 12) { pool in
            try await UseCaseField(pool: pool).add(size.useCases, .experimenting, prefix: "bench")
            guard isHeld else { return try await DurableTransitions.run(size, on: pool) }
            return try await pool.withTransaction { reader in
                try await reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                _ = try await reader.query("SELECT count(*) AS n FROM cycle")
                return try await DurableTransitions.run(size, on: pool)
            }
        }
    }
}
