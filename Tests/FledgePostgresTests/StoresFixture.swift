import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Logging
import PostgresClient

/// A store on a database of its own, with what most of its tests start from.
struct StoresFixture: Sendable {
    let store: PostgresStores
    let pool: PostgresPool

    static func run<Value: Sendable>(_ body: @Sendable (StoresFixture) async throws -> Value) async throws -> Value {
        try await PostgresFixture.shared.withDatabase(maximumConnections: 16) { pool in
            let logger = Logger(label: "fledge.tests", factory: { _ in SwiftLogNoOpLogHandler() })
            return try await body(StoresFixture(store: PostgresStores(pool: pool, logger: logger), pool: pool))
        }
    }

    static func submission(
        _ name: String = "colour", purpose: String = "Name the colour.", prompt: String? = nil,
        data: String = "data-1", reports: [ReportScheduleDefinition] = [weekly]
    ) -> DefinitionSubmission {
        var definition = UseCaseDefinition(name: name, purpose: purpose, owner: "paint", reports: reports)
        // Another prompt asks for other evidence.
        if let prompt {
            definition.promptPrototype = PromptPrototypeDefinition(prompts: [PromptDefinition(name: "p", user: prompt)])
        }
        let splits: [DatasetSplit] = [.holdout, .prototype, .prototype, .training]
        return DefinitionSubmission(
            document: DefinitionDocument(useCase: definition, sourceFile: "\(name).swift"),
            sourceText: "let it = UseCase(\"\(name)\") {}", actor: "ada", snapshotSHA256: Digest(of: data),
            sourcePath: "data/\(name).jsonl",
            rows: SnapshotRows(
                splits.enumerated().map { index, split in
                    SnapshotRow(
                        row: index + 1, split: split, group: "g\(index)",
                        inputs: ["text": "tab\there, \"quote\" \\ \(index)"],
                        expected: index.isMultiple(of: 2) ? "red" : "blue")
                }))
    }

    static let weekly = ReportScheduleDefinition(
        recurrence: .weekly(.monday), time: "09:00", zone: "Europe/Berlin", formats: [.html])
    static let daily = ReportScheduleDefinition(recurrence: .daily, time: "08:00", zone: "UTC", formats: [.json])

    func useCase(_ name: String = "colour") async throws -> UseCaseID {
        try await store.apply(Self.submission(name)).useCase
    }

    /// A new cycle on which `started` has been recorded: one `run-experiment` is due.
    func startedCycle(_ name: String = "colour") async throws -> Cycle {
        let cycle = try await store.openCycle(for: try await useCase(name), actor: "ada")
        return try await advance(cycle, by: .started)
    }

    /// Lets the machine handle the event, records it, and reads the cycle again.
    @discardableResult
    func advance(
        _ cycle: Cycle, by event: CycleEvent, finishing lease: WorkLease? = nil, needsApproval: Bool = false
    ) async throws -> Cycle {
        try await store.record(try Self.transition(cycle, event, needsApproval: needsApproval), finishing: lease)
        return try await store.cycle(cycle.id)
    }

    static func transition(_ cycle: Cycle, _ event: CycleEvent, needsApproval: Bool = false) throws -> Transition {
        var machine = CycleMachine(state: cycle.state, needsApproval: needsApproval)
        let changes = try machine.handle(event)
        return Transition(
            cycle: CycleHead(cycle), event: event, newState: machine.state, changes: changes, actor: "ada")
    }

    static func candidate(_ name: String, adapter: AdapterDigest? = nil) -> Candidate {
        Candidate(
            name: name, system: "Answer \(name).", user: "{{text}}", demonstrations: [], model: "small",
            decoding: DecodingDefinition(temperature: 0.7, maxTokens: 8), choices: ["red", "blue"], adapter: adapter)
    }

    static func sample(
        _ candidate: Candidate, _ example: ExampleID, repeat: Int = 0, primary: Double = 1, fromCache: Bool = false,
        output: String? = "red"
    ) -> Sample {
        Sample(
            candidate: candidate.id, example: example, repeat: `repeat`, output: output,
            errorCode: output == nil ? "model.timeout" : nil, scores: output == nil ? [:] : ["primary": primary],
            promptTokens: 10, cachedTokens: 4, completionTokens: 2, latencyMicroseconds: 1500, costMicroDollars: 7,
            fromCache: fromCache)
    }

    static func gate(_ candidate: Candidate, look: Int = 1, verdict: Verdict = .passed) -> GateResult {
        let criterion = CriterionResult(
            criterion: CriterionDefinition(metric: .latency(percentile: .p95), bound: .atMost(2)), verdict: verdict,
            value: 1,
            lower: -.infinity, upper: .infinity, count: 12, alpha: 0.025, countNeeded: 400)
        return GateResult(
            candidate: candidate.id, candidateName: candidate.name, verdict: verdict, criteria: [criterion], look: look,
            looksAllowed: 3, prototypeScore: 0.1 + 0.2, holdoutScore: 1.0 / 3)
    }

    static func bundle(_ candidate: Candidate) -> ReleaseBundle {
        ReleaseBundle(
            useCase: "colour", candidate: candidate, modelRevision: "r", definitionRevision: 1,
            definitionSHA256: Digest(of: "d"), dataSHA256: Digest(of: "x"), gate: gate(candidate), decision: nil,
            approvedBy: "ada")
    }

    func rowCount(_ table: String) async throws -> Int {
        try await pool.query("SELECT count(*) AS n FROM \(table)")[0].get("n", as: Int.self)
    }
}

/// The code of the error that the body throws; nil when it throws none.
///
/// Call it before `#expect`, never inside: an async closure in the macro's argument and the next closure of the same
/// function get one symbol (Swift 6.3.1), and the first body runs twice.
func code(of body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch let error as FledgeError {
        return error.code.rawValue
    } catch {
        return "not a FledgeError: \(error)"
    }
}
