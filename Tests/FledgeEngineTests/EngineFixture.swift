import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Testing

/// The engine on a database of its own, with scripted models and a scripted executor.
///
/// The task: is the number in the text even or odd?
struct EngineFixture: Sendable {
    static let prototypeCount = 40
    static let holdoutCount = 60
    static let trainingCount = 140

    let store: PostgresStores
    let pool: PostgresPool
    let models: ScriptedModels
    let training: ScriptedTraining
    let directory: String
    let trainingCount: Int

    /// - Parameters:
    ///   - promptsWork: whether the untuned model answers right.
    ///   - tuningWorks: whether the tuned one does.
    ///   - skill: how many of ten prompts the trainer answers right after training as specified.
    static func run(
        promptsWork: Bool, tuningWorks: Bool = true, trainingCount: Int = trainingCount,
        skill: @escaping @Sendable (TrainingSpec) -> Int = { _ in 10 },
        _ body: @Sendable (EngineFixture) async throws -> Void
    ) async throws {
        // In capitals, so that a right tuned answer is another text than the right untuned one.
        let tuned: @Sendable (String) -> String = { tuningWorks ? label(of: $0).uppercased() : "even" }
        let models = ScriptedModels { input, isTuned in
            isTuned ? tuned(input) : promptsWork ? label(of: input) : "even"
        }
        try await run(models, tuned: tuned, trainingCount: trainingCount, skill: skill, body)
    }

    static func run(
        _ models: ScriptedModels, tuned: @escaping @Sendable (String) -> String = { label(of: $0) },
        trainingCount: Int = trainingCount, skill: @escaping @Sendable (TrainingSpec) -> Int = { _ in 10 },
        _ body: @Sendable (EngineFixture) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            try await PostgresFixture.shared.withDatabase(maximumConnections: 12) { pool in
                let fixture = EngineFixture(
                    store: PostgresStores(pool: pool, logger: PostgresFixture.shared.logger), pool: pool,
                    models: models, training: ScriptedTraining(answer: tuned, skill: skill), directory: directory,
                    trainingCount: trainingCount)
                try fixture.writeData()
                try await body(fixture)
            }
        }
    }

    @Sendable static func label(of input: String) -> String {
        (Int(input.split(separator: " ").last ?? "") ?? 0).isMultiple(of: 2) ? "even" : "odd"
    }

    private func writeData() throws {
        let lines = (1...(Self.prototypeCount + Self.holdoutCount + trainingCount)).map {
            #"{"text": "number \#($0)", "answer": "\#(Self.label(of: "number \($0)"))"}"#
        }
        try lines.joined(separator: "\n").write(toFile: directory + "/data.jsonl", atomically: true, encoding: .utf8)
    }

    // MARK: The use case

    static func definition(
        approval: ApprovalMode = .automatic, fineTunes: Bool = true, purpose: String = "Tell even from odd.",
        prototype: PromptPrototypeDefinition? = nil
    ) -> UseCaseDefinition {
        UseCaseDefinition(
            name: "parity", purpose: purpose, owner: "numbers",
            dataset: DatasetDefinition(
                path: "data.jsonl", inputs: ["text"], expected: "answer",
                split: SplitDefinition(prototype: prototypeCount, holdout: holdoutCount, seed: 7)),
            models: [ModelDefinition(name: "small", endpoint: .local)],
            promptPrototype: prototype
                ?? PromptPrototypeDefinition(
                    prompts: [PromptDefinition(name: "plain", user: "{{text}}")],
                    decoding: DecodingDefinition(maxTokens: 4, choices: .labels)),
            validation: ValidationDefinition(
                require: [CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8))], holdoutLooks: 2),
            fineTune: fineTunes ? FineTuneDefinition(minimumExamples: 100) : nil,
            production: ProductionDefinition(approval: approval))
    }

    @discardableResult
    func apply(_ definition: UseCaseDefinition = definition()) async throws -> AppliedDefinition {
        let result = try await services("applier").control.apply(
            ApplyRequest(
                document: DefinitionDocument(useCase: definition, sourceFile: "parity.swift"), sourceText: "…",
                directory: directory, actor: "ada"))
        return try #require(result.applied, "\(result.diagnostics)")
    }

    // MARK: Running

    func services(
        _ worker: String, anchor: AuditAnchor? = nil, clock: any Clock<Duration> = ContinuousClock()
    ) -> OrchestratorServices {
        var settings = WorkerService.Settings()
        settings.lease = .seconds(30)
        settings.pollInterval = .milliseconds(50)
        return OrchestratorServices(
            stores: store, catalog: models, artifacts: training, executor: training, sink: NoReports(),
            settings: settings,
            facts: ControlService.DaemonFacts(
                version: "test", processID: 1, startedAt: Date(timeIntervalSince1970: 0), stateDirectory: directory,
                database: "test"),
            host: "here", worker: worker, keys: Self.keys, anchor: anchor, now: { Date() }, clock: clock,
            logger: PostgresFixture.shared.logger)
    }

    /// What definitions of these tests may name.
    private static let keys = KeyRules("RIGHT_KEY=models.example;WRONG_KEY=models.example") ?? .none

    var control: ControlService { services("person").control }

    /// Runs a worker until the cycle is where the condition wants it, or a deadline has passed.
    @discardableResult
    func work(
        as worker: String = "worker", until condition: @escaping @Sendable (CycleState) -> Bool
    ) async throws -> CycleState {
        let service = services(worker).worker
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            let isThere = try await eventually { condition(try await currentState()) }
            group.cancelAll()
            try await group.waitForAll()
            let state = try await currentState()
            #expect(isThere, "the cycle stands at \(state)")
            return state
        }
    }

    /// Runs a worker beside the body, and stops it when the body is done, as a shutdown of the daemon does.
    func withWorker(
        _ worker: String, clock: any Clock<Duration> = ContinuousClock(), _ body: @Sendable () async throws -> Void
    ) async throws {
        let service = services(worker, clock: clock).worker
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    // MARK: Looking

    func cycle() async throws -> Cycle {
        let useCase = try #require(try await store.useCase(named: "parity"))
        return try #require(try await store.currentCycle(of: useCase))
    }

    func currentState() async throws -> CycleState { try await cycle().state }

    func inputs(of split: DatasetSplit) async throws -> Set<String> {
        Set(try await store.examples(of: try await cycle().snapshot, in: split).compactMap { $0.inputs["text"] })
    }
}

extension CycleState {
    var isLive: Bool { activity == .live }
    var isBlocked: Bool { block != nil }
}
