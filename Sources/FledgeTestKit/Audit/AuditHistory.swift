import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Foundation
import PostgresClient

/// A small real history in a database: use cases that went from prompts through gates and decisions to releases, one of them
/// over an adapter, with labels, ratings and looks that came to nothing.
package struct AuditHistory: Sendable {
    package let store: PostgresStores
    package let pool: PostgresPool
    /// A moment that is the same at every run.
    private static let moment = Date(timeIntervalSince1970: 1_795_000_000)

    package init(store: PostgresStores, pool: PostgresPool) {
        self.store = store
        self.pool = pool
    }

    /// Adds use cases, named `audited-1` and so on.
    package func add(_ count: Int) async throws {
        for number in 1...count { try await add(useCase: number) }
    }

    private func add(useCase number: Int) async throws {
        let name = "audited-\(number)"
        let useCase = try await store.apply(Self.submission(name)).useCase
        var cycle = try await store.openCycle(for: useCase, actor: "ada")
        cycle = try await advance(cycle, by: .started)
        let plain = Self.candidate("plain", of: number)
        let shown = Self.candidate("shown", of: number)
        try await score([plain, shown], purpose: .search, round: 1, in: cycle)
        cycle = try await advance(cycle, by: .candidateChosen(plain.id))
        try await pay(in: cycle)
        try await judge(plain, look: 1, verdict: .failed, in: cycle)
        cycle = try await advance(cycle, by: .gateJudged(.failed, plain.id))
        try await decide(.fineTune, on: plain, look: 1, verdict: .failed, in: cycle)
        cycle = try await advance(cycle, by: .decisionMade(.fineTune))
        let tuned = Self.candidate("tuned", of: number, adapter: Digest(of: "adapter \(number)"))
        try await train(tuned, in: cycle)
        cycle = try await advance(cycle, by: .trainingFinished(tuned.id))
        if cycle.state.activity == .experimenting {
            try await score([tuned], purpose: .adapter, round: 1, in: cycle)
            cycle = try await advance(cycle, by: .candidateChosen(tuned.id))
        }
        try await store.recordLook(
            cycle: cycle.id, look: 3, candidate: tuned.id, examples: try await holdout(of: cycle).map(\.id), share: 0.2,
            alpha: 0.05)
        try await store.withdrawLook(cycle: cycle.id, look: 3, because: "model.unreachable")
        try await judge(tuned, look: 2, verdict: .passed, in: cycle)
        cycle = try await advance(cycle, by: .gateJudged(.passed, tuned.id))
        try await decide(.promote, on: tuned, look: 2, verdict: .passed, in: cycle)
        cycle = try await advance(cycle, by: .decisionMade(.promote))
        for candidate in [plain, tuned] {
            _ = try await store.makeRelease(Self.bundle(candidate, of: name), cycle: cycle.id)
            cycle = try await store.cycle(cycle.id)
        }
        cycle = try await advance(cycle, by: .releaseMade(number: 2))
        try await label(useCase, cycle: cycle)
        _ = try await store.moveChampion(of: useCase, to: 1, actor: "ada", reason: "the second one is slow")
        _ = try await store.moveChampion(of: useCase, to: 2, actor: "ada", reason: "it is quick again")
    }

    private func advance(_ cycle: Cycle, by event: CycleEvent) async throws -> Cycle {
        var machine = CycleMachine(state: cycle.state, needsApproval: false)
        let changes = try machine.handle(event)
        try await store.record(
            Transition(cycle: CycleHead(cycle), event: event, newState: machine.state, changes: changes, actor: "ada"),
            finishing: nil)
        return try await store.cycle(cycle.id)
    }

    private func holdout(of cycle: Cycle) async throws -> [Example] {
        try await store.examples(of: cycle.snapshot, in: .holdout)
    }

    @discardableResult
    private func score(
        _ candidates: [Candidate], purpose: ExperimentPurpose, round: Int, in cycle: Cycle
    ) async throws -> ExperimentID {
        let examples = try await store.examples(of: cycle.snapshot, in: purpose == .gate ? .holdout : .prototype)
        let experiment = try await store.openExperiment(
            cycle: cycle.id, purpose: purpose, round: round, candidates: candidates, origins: [:],
            plannedCalls: candidates.count * examples.count)
        let samples = candidates.flatMap { candidate in
            examples.map { example in
                Sample(
                    candidate: candidate.id, example: example.id, repeat: 0, output: example.expected, errorCode: nil,
                    scores: ["primary": 1, "accuracy": 1], promptTokens: 20, cachedTokens: 4, completionTokens: 2,
                    latencyMicroseconds: 1500, costMicroDollars: 7, fromCache: false)
            }
        }
        try await store.write(SampleBatch(experiment: experiment.id, samples: samples, answers: [:]))
        try await store.finishExperiment(experiment.id)
        return experiment.id
    }

    private func judge(_ candidate: Candidate, look: Int, verdict: Verdict, in cycle: Cycle) async throws {
        try await store.recordLook(
            cycle: cycle.id, look: look, candidate: candidate.id, examples: try await holdout(of: cycle).map(\.id),
            share: 0.25, alpha: 0.025)
        let experiment = try await score([candidate], purpose: .gate, round: look, in: cycle)
        try await store.storeGate(
            Self.gate(candidate, look: look, verdict: verdict), cycle: cycle.id, experiment: experiment)
    }

    private func decide(
        _ kind: DecisionKind, on candidate: Candidate, look: Int, verdict: Verdict, in cycle: Cycle
    ) async throws {
        let evidence = DecisionEvidence(
            gate: Self.gate(candidate, look: look, verdict: verdict), roundScores: [0.25, 0.5], roundsMaximum: 3,
            plateauRounds: nil, plateauMinimumGain: 0.01, isBudgetSpent: false, trainingExamples: 200,
            minimumTrainingExamples: 100, mayFineTune: true, trainingsDone: look - 1)
        try await store.storeDecision(
            Decision(
                kind: kind, summary: "It is \(kind.rawValue).",
                rules: [.init(name: "rule", holds: true, statement: "it holds")], missing: [], evidence: evidence),
            cycle: cycle.id, look: look)
    }

    private func train(_ tuned: Candidate, in cycle: Cycle) async throws {
        guard let adapter = tuned.adapter else { return }
        let job = try await store.openJob(
            cycle: cycle.id, attempt: 1, intent: "\(cycle.definition.name)-1", executor: "local")
        try await store.recordSubmission(job.id, externalID: "x-\(cycle.id)")
        try await pool.execute(
            """
            INSERT INTO training_point (training_job_id, step, loss, validation_loss, tokens_per_second, elapsed_seconds)
            SELECT $1, g * 10, 1.0 / g, 1.5 / g, 900, 4.5 * g FROM generate_series(1, 3) AS g
            """, [job.id.rawValue])
        try await store.storeAdapter(
            AdapterFacts(digest: adapter, rank: 8, alpha: 16, targetModules: ["q_proj"], sizeBytes: 1000), job: job.id,
            base: Digest(of: "base"), golden: GoldenCheck(prompts: 8, agreeing: 8, differingFromBase: 3, bar: 0.9))
        try await store.finishJob(job.id, state: .finished, adapter: adapter, error: nil)
        try await pool.execute(
            "INSERT INTO sweep (cycle_id, attempt, record) VALUES ($1, 1, '{\"chosen\": 1, \"trials\": []}')",
            [cycle.id.rawValue])
    }

    /// Calls that score nobody, a call that brought nothing, and a pilot's run.
    private func pay(in cycle: Cycle) async throws {
        let id = cycle.id.rawValue
        try await pool.execute(
            """
            INSERT INTO search_call (cycle_id, request_sha256, round, purpose, model, prompt_tokens, completion_tokens,
                                     cost_micro_dollars)
            SELECT $1, encode(sha256(('call ' || g || ' of ' || $1::bigint)::bytea), 'hex'), 1, 'reflect', 'small', 40, 9, 11
            FROM generate_series(1, 2) AS g
            """, [id])
        try await pool.execute(
            """
            INSERT INTO lost_call (cycle_id, experiment_id, cause, calls, tokens, cost_micro_dollars, at)
            SELECT $1, max(id), 'cut-off', 2, 30, 14, now() FROM experiment WHERE cycle_id = $1
            """, [id])
        try await pool.execute(
            """
            INSERT INTO training_job (cycle_id, attempt, purpose, number, run, intent, executor, external_id, state)
            VALUES ($1, 1, 'pilot', 1, '{"rows": 50}', 'pilot-' || $1::bigint, 'test', 'p-' || $1::bigint, 'running')
            """, [id])
        try await pool.execute(
            """
            INSERT INTO training_point (training_job_id, step, elapsed_seconds)
            SELECT id, 5, 2.5 FROM training_job WHERE cycle_id = $1 AND purpose = 'pilot'
            """, [id])
        try await pool.execute(
            """
            UPDATE training_job SET state = 'finished', score = 0.5, answers = 6, seconds = 3.25, row_count = 50,
                   long_rows = 1, finished_at = now()
            WHERE cycle_id = $1 AND purpose = 'pilot'
            """, [id])
    }

    private func label(_ useCase: UseCaseID, cycle: Cycle) async throws {
        for (index, example) in try await holdout(of: cycle).prefix(3).enumerated() {
            let item = JudgedItem(inputs: example.inputs, answer: "red \(useCase)", expected: example.expected)
            try await store.write(
                [PersonLabel(item: item, verdict: .pass, labelledBy: "grace", at: Self.moment)], useCase: useCase,
                question: Digest(of: "question"))
            try await store.write(
                JudgedAnswer(
                    item: item.id, verdict: JudgeRating(score: index == 0 ? 0 : 1, ground: .judged), calls: 1),
                of: Digest(of: "judge"), metric: "judged:right", cycle: cycle.id, answers: [:])
        }
        // A person may say otherwise later on.
        if let example = try await holdout(of: cycle).first {
            let item = JudgedItem(inputs: example.inputs, answer: "red \(useCase)", expected: example.expected)
            try await store.write(
                [PersonLabel(item: item, verdict: .fail, labelledBy: "grace", at: Self.moment)], useCase: useCase,
                question: Digest(of: "question"))
        }
    }

    // MARK: Values

    private static func submission(_ name: String) -> DefinitionSubmission {
        let definition = UseCaseDefinition(name: name, purpose: "Name the colour.", owner: "paint")
        let splits: [DatasetSplit] = [.holdout, .holdout, .prototype, .prototype, .training, .holdout, .prototype]
        return DefinitionSubmission(
            document: DefinitionDocument(useCase: definition, sourceFile: "\(name).swift"),
            sourceText: "let it = UseCase(\"\(name)\") {}", actor: "ada", snapshotSHA256: Digest(of: "data of \(name)"),
            sourcePath: "data/\(name).jsonl",
            rows: SnapshotRows(
                splits.enumerated().map { index, split in
                    SnapshotRow(
                        row: index + 1, split: split, group: "g\(index)", inputs: ["text": "the colour of \(index)"],
                        expected: index.isMultiple(of: 2) ? "red" : "blue", fields: ["place": "shelf \(index)"])
                }),
            settled: [
                ResolvedLeak(
                    row: 5, from: .holdout, to: .training, cause: .init(kind: .exactDuplicate, otherRow: 1, prompt: nil)
                )
            ])
    }

    private static func candidate(_ name: String, of number: Int, adapter: AdapterDigest? = nil) -> Candidate {
        Candidate(
            name: name, system: "Answer \(name) \(number).", user: "{{text}}", demonstrations: [], model: "small",
            decoding: DecodingDefinition(temperature: 0, maxTokens: 8), choices: ["red", "blue"], adapter: adapter)
    }

    private static func gate(_ candidate: Candidate, look: Int, verdict: Verdict) -> GateResult {
        let criterion = CriterionResult(
            criterion: CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8)), verdict: verdict, value: 0.9,
            lower: 0.82, upper: 0.95, count: 12, alpha: 0.025)
        return GateResult(
            candidate: candidate.id, candidateName: candidate.name, verdict: verdict, criteria: [criterion], look: look,
            looksAllowed: 3, prototypeScore: 0.95, holdoutScore: 0.9)
    }

    private static func bundle(_ candidate: Candidate, of name: String) -> ReleaseBundle {
        ReleaseBundle(
            useCase: name, candidate: candidate, modelRevision: "r", definitionRevision: 1,
            definitionSHA256: Digest(of: "d"), dataSHA256: Digest(of: "x"),
            gate: gate(candidate, look: 2, verdict: .passed), decision: nil, approvedBy: "ada")
    }
}
