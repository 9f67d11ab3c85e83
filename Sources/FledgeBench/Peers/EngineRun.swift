import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeServing
import FledgeTestKit
import FledgeTraining
import Foundation

/// The engine on a private database with the local model, taken through the prompt search and one gate.
struct EngineRun {
    /// What the search chose, and at what cost.
    struct Outcome: Sendable {
        var candidate: String
        /// Model calls of the search.
        var calls: Int
        var prototypeScore: Double
        /// Whether the chosen candidate was right, in the order of the holdout's rows.
        var right: [Bool]
        var prototype: [Example]
        var holdout: [Example]
    }

    let server: LocalModelServer
    let directory: String

    /// - Parameter definition: its gate is judged once; what it decides then does not matter here.
    func search(_ definition: UseCaseDefinition) async throws -> Outcome {
        try await PostgresFixture.shared.withDatabase { pool in
            let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
            let services = services(store)
            let applied = try await services.control.apply(
                ApplyRequest(
                    document: DefinitionDocument(useCase: definition, sourceFile: "bench.swift"), sourceText: "",
                    directory: directory, actor: "bench"))
            guard let useCase = applied.applied?.useCase, let cycle = try await store.currentCycle(of: useCase) else {
                throw FledgeError("bench.not_applied", "\(applied.diagnostics.map(\.message))")
            }
            let gate = try await judged(cycle.id, store: store, worker: services.worker)
            return try await outcome(of: gate, cycle: cycle, store: store)
        }
    }

    private func judged(_ cycle: CycleID, store: PostgresStores, worker: WorkerService) async throws -> GateResult {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            defer { group.cancelAll() }
            while true {
                if let gate = try await store.gates(of: cycle).first { return gate }
                if let block = try await store.cycle(cycle).state.block {
                    throw FledgeError("bench.blocked", "\(block.code): \(block.message)")
                }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func outcome(of gate: GateResult, cycle: Cycle, store: PostgresStores) async throws -> Outcome {
        var calls = 0
        for experiment in try await store.searches(of: cycle.id) {
            calls += try await store.samples(of: experiment.id).count { !$0.fromCache }
        }
        let holdout = try await store.examples(of: cycle.snapshot, in: .holdout)
        guard let experiment = try await store.experiment(cycle: cycle.id, purpose: .gate, round: 1) else {
            throw FledgeError("bench.no_gate", "the gate's experiment is not in the database")
        }
        let scores = Dictionary(
            try await store.samples(of: experiment.id).filter { $0.repeat == 0 }
                .map { ($0.example, $0.scores["primary"] ?? 0) }
        ) { first, _ in first }
        return Outcome(
            candidate: gate.candidateName, calls: calls, prototypeScore: gate.prototypeScore ?? .nan,
            right: holdout.map { scores[$0.id] == 1 },
            prototype: try await store.examples(of: cycle.snapshot, in: .prototype), holdout: holdout)
    }

    private func services(_ store: PostgresStores) -> OrchestratorServices {
        let logger = PostgresFixture.shared.logger
        return OrchestratorServices(
            stores: store, catalog: OneServer(server: server),
            artifacts: FileArtifactStore(directory: directory + "/adapters"),
            executor: LocalExecutor(jobsDirectory: directory + "/jobs", cacheDirectory: directory, logger: logger),
            sink: NoReports(), settings: WorkerService.Settings(),
            facts: ControlService.DaemonFacts(
                version: FledgeVersion.current, processID: ProcessInfo.processInfo.processIdentifier, startedAt: Date(),
                stateDirectory: directory, database: "private"),
            host: "bench", worker: "bench", now: { Date() }, logger: logger)
    }
}

/// The one local server that Fledge and its peer both ask.
private struct OneServer: ModelCatalog {
    let server: LocalModelServer

    func server(for model: ModelDefinition, adapters: [ServedAdapter]) async throws -> any ModelServer {
        try await server.load(adapters)
        return server
    }

    func weights(of model: ModelDefinition) async throws -> BaseWeights { try await server.weights() }
    func statuses(of models: [ModelDefinition]) async -> [ModelStatus] { [] }
    func shutdown() async { await server.shutdown() }
}

/// No definition here has a schedule.
private struct NoReports: ReportSink {
    func write(_ report: PromotionReport, formats: [ReportFormat], name: String) async throws -> [String: String] {
        [:]
    }
}
