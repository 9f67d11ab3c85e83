import FledgeCore
import FledgeDocument

/// What a gate asks of a candidate, and of the champion where it is compared with it.
struct GatePlan: Sendable {
    let candidate: Candidate
    /// Nil where nothing is compared, there is none, or it is the candidate itself.
    let champion: Candidate?
    /// The holdout's examples, ordered by a hash of their groups: bounds by betting depend on the order, which must not
    /// follow from the values, as the data file's order may.
    let examples: [Example]
    let calls: [PlannedCall]
    let championCalls: [PlannedCall]

    /// - Throws: `CancellationError` where the task was cancelled.
    init(
        candidate: Candidate, champion: Candidate?, examples: [Example], definition: UseCaseDefinition
    ) throws(CancellationError) {
        let criteria = definition.validation?.require ?? []
        let ordered = examples.map { (StableHash.hash($0.group, seed: 2), $0) }
            .sorted { ($0.0, $0.1.row) < ($1.0, $1.1.row) }.map(\.1)
        self.candidate = candidate
        self.champion = champion
        self.examples = ordered
        calls =
            Self.once(candidate, examples) + Self.repeats(candidate, ordered, criteria)
            + (try Self.perturbed(candidate, ordered, criteria, inputs: definition.dataset?.inputs ?? []))
        championCalls = champion.map { Self.once($0, examples) } ?? []
    }

    private static func once(_ candidate: Candidate, _ examples: [Example]) -> [PlannedCall] {
        let id = candidate.id
        return examples.map { PlannedCall(candidate: candidate, candidateID: id, example: $0, repeat: 0) }
    }

    /// The first of the examples again, for consistency.
    private static func repeats(
        _ candidate: Candidate, _ ordered: [Example], _ criteria: [CriterionDefinition]
    ) -> [PlannedCall] {
        let id = candidate.id
        var repeats: [Int: Int] = [:]
        for criterion in criteria {
            guard case .consistency(let count, let limit) = criterion.metric, count > 1 else { continue }
            for number in 1..<count {
                repeats[number] = max(repeats[number] ?? 0, min(limit ?? ordered.count, ordered.count))
            }
        }
        return repeats.sorted { $0.key < $1.key }.flatMap { number, count in
            ordered.prefix(count).map {
                PlannedCall(candidate: candidate, candidateID: id, example: $0, repeat: number)
            }
        }
    }

    /// The first of the examples in other words, for robustness. They are asked under the candidate's own identity: what
    /// changes is the question.
    private static func perturbed(
        _ candidate: Candidate, _ ordered: [Example], _ criteria: [CriterionDefinition], inputs: [String]
    ) throws(CancellationError) -> [PlannedCall] {
        let id = candidate.id
        var point = CancellationPoint()
        for criterion in criteria {
            guard case .robustness(let perturbations, let limit) = criterion.metric else { continue }
            var calls: [PlannedCall] = []
            for (index, perturbation) in perturbations.enumerated() {
                for example in ordered.prefix(limit ?? ordered.count) {
                    try point.pass(64 + example.inputs.values.reduce(0) { $0 + $1.utf8.count })
                    let question = try PerturbedQuestion.question(
                        perturbation, of: example, to: candidate, order: inputs)
                    var changed = example
                    changed.inputs = question.inputs
                    calls.append(
                        PlannedCall(
                            candidate: question.candidate, candidateID: id, example: changed,
                            repeat: PerturbedQuestion.firstRepeat + index))
                }
            }
            return calls
        }
        return []
    }
}
