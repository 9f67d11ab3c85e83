import FledgeCore
import FledgeDocument

/// Judges a candidate on the holdout: the only place that looks at it.
package struct GateHandler: WorkHandler {
    private let stores: any Stores
    private let models: ServerDirectory

    package init(stores: any Stores, models: ServerDirectory) {
        self.stores = stores
        self.models = models
    }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard case .judgeGate(let candidateID, let look)? = item.action, let id = item.cycle else { return .finished }
        if let known = try await stores.gates(of: id).first(where: { $0.look == look }) {
            return .event(.gateJudged(known.verdict, candidateID))
        }
        let cycle = try await stores.cycle(id)
        let validation = cycle.definition.validation ?? ValidationDefinition()
        let candidate = try await stores.candidate(candidateID)
        let examples = try await stores.examples(of: cycle.snapshot, in: .holdout)
        let calls = Self.plan(candidate, examples: examples, criteria: validation.require)
        let experiment = try await stores.openExperiment(
            cycle: id, purpose: .gate, round: look, candidates: [candidate], plannedCalls: calls.count)
        let done = Set(try await stores.samples(of: experiment.id).map { Key(example: $0.example, repeat: $0.repeat) })
        let runner = try await models.runner(for: candidate, of: cycle)
        try await runner.run(
            calls.filter { !done.contains(Key(example: $0.example.id, repeat: $0.repeat)) }, experiment: experiment.id)
        try await stores.finishExperiment(experiment.id)
        let result = try await judge(candidate, of: cycle, look: look, examples: examples, experiment: experiment.id)
        try await stores.storeGate(result, cycle: id, experiment: experiment.id)
        return .event(.gateJudged(result.verdict, candidateID))
    }

    /// The verdict of a look that was made, from the samples in the database: asks no model and stores nothing.
    func result(of candidateID: CandidateID, in cycle: Cycle, look: Int) async throws -> GateResult {
        guard let experiment = try await stores.experiment(cycle: cycle.id, purpose: .gate, round: look) else {
            throw FledgeError("gate.no_experiment", "the experiment of look \(look) is not in the database")
        }
        return try await judge(
            try await stores.candidate(candidateID), of: cycle, look: look,
            examples: try await stores.examples(of: cycle.snapshot, in: .holdout), experiment: experiment.id)
    }

    /// Every example once, and the first of them (in an order that their groups' hash decides) again for consistency.
    private static func plan(_ candidate: Candidate, examples: [Example], criteria: [CriterionDefinition])
        -> [PlannedCall]
    {
        let candidateID = candidate.id
        let ordered = examples.map { (StableHash.hash($0.group, seed: 2), $0) }
            .sorted { ($0.0, $0.1.row) < ($1.0, $1.1.row) }.map(\.1)
        var calls = examples.map { PlannedCall(candidate: candidate, candidateID: candidateID, example: $0, repeat: 0) }
        var repeats: [Int: Int] = [:]
        for criterion in criteria {
            guard case .consistency(let count, let limit) = criterion.metric, count > 1 else { continue }
            for number in 1..<count {
                repeats[number] = max(repeats[number] ?? 0, min(limit ?? examples.count, examples.count))
            }
        }
        for (number, count) in repeats.sorted(by: { $0.key < $1.key }) {
            calls += ordered.prefix(count).map {
                PlannedCall(candidate: candidate, candidateID: candidateID, example: $0, repeat: number)
            }
        }
        return calls
    }

    private func judge(
        _ candidate: Candidate, of cycle: Cycle, look: Int, examples: [Example], experiment: ExperimentID
    ) async throws -> GateResult {
        let validation = cycle.definition.validation ?? ValidationDefinition()
        let groups = Dictionary(uniqueKeysWithValues: examples.map { ($0.id, $0.group) })
        let measured = try await stores.samples(of: experiment)
            .map { CriterionJudge.Measured(sample: $0, group: groups[$0.example] ?? "") }
        let judge = CriterionJudge(measured: measured, looks: validation.holdoutLooks)
        let criteria = validation.require.map(judge.judge)
        let first = measured.filter { $0.sample.repeat == 0 }
        let stage = try await PrototypeStage(cycle: cycle, stores: stores)
        let chosen = try await stage.scored(upTo: .max).flatMap(\.scored).first { $0.candidate.id == candidate.id }
        let compared = try await AdapterScores.score(of: candidate, in: cycle, stores: stores)
        return GateResult(
            candidate: candidate.id, candidateName: candidate.name, verdict: GateJudge.verdict(of: criteria),
            criteria: criteria, look: look, looksAllowed: validation.holdoutLooks,
            prototypeScore: chosen?.score ?? compared,
            holdoutScore: first.isEmpty
                ? nil : first.reduce(0) { $0 + ($1.sample.scores["primary"] ?? 0) } / Double(first.count))
    }

    private struct Key: Hashable {
        var example: ExampleID
        var `repeat`: Int
    }
}
