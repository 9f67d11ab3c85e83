import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Testing

@testable import FledgeCLI

/// The engine with real clients, on a database of its own, beside a server that misbehaves.
struct FaultEngine: Sendable {
    let store: PostgresStores
    let pool: PostgresPool
    let server: FaultServer
    let directory: String

    static func run(_ body: @Sendable (FaultEngine) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            try FaultScenario.rows.write(toFile: directory + "/rows.jsonl", atomically: true, encoding: .utf8)
            let server = try FaultServer(minute: 60 / FaultCatalog.hurry, label: FaultScenario.said)
            defer { server.close() }
            try await PostgresFixture.shared.withDatabase(maximumConnections: 24) { pool in
                let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
                try await body(FaultEngine(store: store, pool: pool, server: server, directory: directory))
            }
        }
    }

    func services(_ worker: String) -> OrchestratorServices {
        var settings = WorkerService.Settings()
        settings.pollInterval = .milliseconds(50)
        settings.concurrency = 24
        settings.retries = RetryPolicy(attempts: 5, base: .milliseconds(5), cap: .milliseconds(50))
        let none = NoTraining()
        return OrchestratorServices(
            stores: store, catalog: FaultCatalog(), artifacts: none, executor: none, sink: none, settings: settings,
            facts: ControlService.DaemonFacts(
                version: "test", processID: 1, startedAt: Date(timeIntervalSince1970: 0), stateDirectory: directory,
                database: "test"),
            host: "here", worker: worker, now: { Date() }, logger: PostgresFixture.shared.logger)
    }

    var control: ControlService { services("person").control }

    /// Runs a worker beside the body, and stops it when the body is done.
    func withWorker(_ worker: String, _ body: @Sendable () async throws -> Void) async throws {
        let service = services(worker).worker
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// Applies the use case; no worker may run yet. - Returns: its base address at the server.
    func apply(_ scenario: FaultScenario, _ mode: FaultMode) async throws -> FaultSession {
        let session = server.open(scenario.name, mode, at: scenario.place)
        let definition = scenario.definition(base: server.base(of: session), mode: mode)
        let result = try await control.apply(
            ApplyRequest(
                document: DefinitionDocument(useCase: definition, sourceFile: "fault.swift"), sourceText: "…",
                directory: directory, actor: "ada"))
        _ = try #require(result.applied, "\(scenario): \(result.diagnostics)")
        let rows = try await rows(of: scenario.name)
        session.set(holdout: rows.holdout)
        // One of twenty and one of forty: no more than the share that counts as few.
        if scenario.share == .few {
            session.hit(only: Set([rows.prototype.min(), rows.holdout.min()].compactMap(\.self)))
        }
        return session
    }

    private func rows(of name: String) async throws -> (prototype: Set<Int>, holdout: Set<Int>) {
        let useCase = try #require(try await store.useCase(named: name))
        let cycle = try #require(try await store.currentCycle(of: useCase))
        func numbers(_ split: DatasetSplit) async throws -> Set<Int> {
            Set(
                try await store.examples(of: cycle.snapshot, in: split)
                    .compactMap { Int($0.inputs["text"]?.dropFirst() ?? "") })
        }
        return (try await numbers(.prototype), try await numbers(.holdout))
    }

    /// Waits until every use case is live or blocked.
    ///
    /// - Returns: those that are neither when the limit is over.
    func untilAllEnded(within limit: Duration) async throws -> Set<String> {
        _ = try await eventually(within: limit, every: .milliseconds(100)) { try await open().isEmpty }
        return Set(try await open())
    }

    private func open() async throws -> [String] {
        try await pool.query(
            """
            SELECT u.name FROM cycle c JOIN use_case u ON u.id = c.use_case_id
            WHERE c.activity <> 'live' AND c.block_code IS NULL
            """
        ).map { try $0.get("name", as: String.self) }
    }

    // MARK: - Looking

    /// Where a use case stands, and what was made of it.
    func ending(of name: String) async throws -> FaultEnding {
        let explanation = try await control.explain(name: name)
        let scores = try await control.experiments(name: name)
        let paid = try await control.spends(name: name).compactMap(\.account).map { account in
            account.settled.costMicroDollars + account.presumed.costMicroDollars
        }
        let judged = try await pool.query(
            """
            SELECT v.ground || ' ' || v.score::text || ' ' || count(*)::text AS n FROM judge_verdict v
            JOIN cycle c ON c.id = v.cycle_id JOIN use_case u ON u.id = c.use_case_id WHERE u.name = $1
            GROUP BY v.ground, v.score ORDER BY 1
            """, [name]
        ).map { try $0.get("n", as: String.self) }
        return FaultEnding(
            block: explanation.status.state.block?.code, isLive: explanation.status.state.activity == .live,
            text: ExplanationText.render(explanation),
            evidence: .init(
                scores: scores.filter { $0.samples > 0 }.map {
                    "\($0.purpose) \($0.name) \($0.score ?? -1) of \($0.samples)"
                },
                gates: explanation.gates.map { "\($0.look) \($0.verdict) \($0.holdoutScore ?? -1)" },
                decisions: explanation.decisions.map(\.kind.rawValue), judged: judged),
            looks: try await control.holdout(name: name).looks.count { $0.isWithdrawn != true }, paid: paid.reduce(0, +)
        )
    }
}

/// How a use case ended.
struct FaultEnding: Sendable {
    /// What a fault must not change.
    struct Evidence: Hashable, Sendable {
        var scores: [String]
        var gates: [String]
        var decisions: [String]
        var judged: [String]
    }

    var block: String?
    var isLive: Bool
    /// What `fledge explain` prints.
    var text: String
    var evidence: Evidence
    /// Looks at the holdout that spend some of its error budget.
    var looks: Int
    /// Micro-dollars that count against the cap.
    var paid: Int64

    var words: String { isLive ? "live" : block.map { "blocked with \($0)" } ?? "under way" }
}
