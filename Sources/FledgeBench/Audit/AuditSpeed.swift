import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient

/// How long one verification takes of a use case that has so many samples, each of an example of its own.
enum AuditSpeed {
    private static let name = "measured"

    static func figures(samples count: Int) async throws -> [Figure] {
        try await PostgresFixture.shared.withDatabase { pool in
            let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
            try await fill(store, samples: count)
            // As a daemon finds its tables after a while.
            try await pool.execute("VACUUM ANALYZE")
            let audit = EvidenceAudit(stores: store, artifacts: NoArtifacts(), anchor: nil)
            var (seconds, rows) = ([Double](), 0)
            for _ in 0..<3 {
                let start = ContinuousClock.now
                let report = try await audit.report(name: name)
                seconds.append(start.duration(to: .now) / .seconds(1))
                rows = report.rows
                // Without an anchor it is not known what was cut off; all that is there has to hold.
                guard report.findings.isEmpty, report.open == 0, rows > 2 * count else {
                    throw FledgeError(
                        "bench.lost",
                        "of \(rows) rows, \(report.open) under way: \((report.findings + report.unknowns).prefix(3))")
                }
            }
            let median = seconds.sorted()[1]
            let settings = "\(count) samples with as many examples, \(rows) rows in all, median of 3 verifications"
            return [
                Figure(bench: "audit", figure: "one verification", value: median, unit: "s", settings: settings),
                Figure(
                    bench: "audit", figure: "rows verified", value: Double(rows) / median, unit: "rows/s",
                    settings: settings),
            ]
        }
    }

    /// One use case with an experiment that is over, written as a daemon writes it.
    private static func fill(_ store: PostgresStores, samples count: Int) async throws {
        let definition = UseCaseDefinition(name: name, purpose: "Name the team.", owner: "bench")
        let rows = (1...count).map { number in
            SnapshotRow(
                row: number, split: .prototype, group: "g\(number)",
                inputs: ["text": "Message \(number): where is my invoice of last month?"], expected: "billing")
        }
        let useCase = try await store.apply(
            DefinitionSubmission(
                document: DefinitionDocument(useCase: definition, sourceFile: "\(name).swift"),
                sourceText: "let it = UseCase(\"\(name)\") {}", actor: "bench", snapshotSHA256: Digest(of: "data"),
                sourcePath: "data/\(name).jsonl", rows: SnapshotRows(rows))
        ).useCase
        let cycle = try await started(store.openCycle(for: useCase, actor: "bench"), in: store)
        let candidate = Candidate(
            name: "plain", system: "Name the team.", user: "{{text}}", demonstrations: [], model: "small",
            decoding: DecodingDefinition(temperature: 0, maxTokens: 8), choices: nil, adapter: nil)
        let experiment = try await store.openExperiment(
            cycle: cycle.id, purpose: .search, round: 1, candidates: [candidate], plannedCalls: count
        ).id
        let examples = try await store.examples(of: cycle.snapshot, in: .prototype)
        for start in stride(from: 0, to: examples.count, by: 1000) {
            let samples = examples[start..<min(start + 1000, examples.count)].map { example in
                Sample(
                    candidate: candidate.id, example: example.id, repeat: 0, output: "billing", errorCode: nil,
                    scores: ["primary": 1, "accuracy": 1], promptTokens: 40, cachedTokens: 20, completionTokens: 2,
                    latencyMicroseconds: 150_000, costMicroDollars: 7, fromCache: false)
            }
            try await store.write(SampleBatch(experiment: experiment, samples: samples, answers: [:]))
        }
        try await store.finishExperiment(experiment)
    }

    private static func started(_ cycle: Cycle, in store: PostgresStores) async throws -> Cycle {
        var machine = CycleMachine(state: cycle.state, needsApproval: false)
        let changes = try machine.handle(.started)
        try await store.record(
            Transition(
                cycle: CycleHead(cycle), event: .started, newState: machine.state, changes: changes, actor: "bench"),
            finishing: nil)
        return try await store.cycle(cycle.id)
    }
}
