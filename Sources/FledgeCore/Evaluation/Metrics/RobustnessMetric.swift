import FledgeDocument

/// The share of examples whose score stays what it was when the inputs are changed in each of some ways.
struct RobustnessMetric: Metric {
    let perturbations: [PerturbationDefinition]
    let examples: Int?

    var name: String { "robustness:\(perturbations.map(\.title).joined(separator: ","))" }
    var title: String { "robustness to \(perturbations.map(\.title).joined(separator: ", "))" }
    let standsForQuality = false
    var repetition: Repetition? { Repetition(calls: perturbations.count, examples: examples) }

    func estimate(from answers: MeasuredAnswers, alpha: Double) -> Estimate {
        let before = Dictionary(answers.first.map { ($0.sample.example, $0) }) { first, _ in first }
        let pairs = Dictionary(grouping: answers.perturbed, by: \.sample.example).compactMap { example, samples in
            before[example].map { ($0, samples) }
        }.sorted { $0.0.sample.example.rawValue < $1.0.sample.example.rawValue }
        guard !pairs.isEmpty else {
            return Estimate(
                value: .nan, bounds: Bounds(lower: 0, upper: 1), count: 0, problem: "no changed question was asked")
        }
        let held = pairs.map { before, after -> Bool? in
            guard let score = before.sample.score(of: "primary") else { return nil }
            let answered = after.filter { !$0.sample.isUnanswered && !$0.sample.isGivenUp }
            guard answered.allSatisfy({ ($0.sample.scores["primary"] ?? 0) >= score - 1e-9 }) else { return false }
            return answered.count == after.count ? true : nil
        }
        return answers.rate(held, in: MeasuredAnswers.Groups(pairs.map(\.0)), alpha: alpha)
    }

    func checkData(
        at place: CriterionPlace, in useCase: UseCaseDefinition, _ facts: DatasetFacts,
        _ findings: inout DefinitionValidator.Findings
    ) {
        guard place.isAtGate else {
            findings.error(
                "advance.only_at_the_gate", "robustness is measured at the gate alone", at: place.path,
                hint: "move Robustness to the Require block")
            return
        }
        if perturbations.isEmpty {
            findings.error(
                "criterion.no_perturbation", "robustness names no perturbation", at: place.path,
                hint: "perturbations: .case, .typos")
        }
        if Set(perturbations).count < perturbations.count {
            findings.error("criterion.bad_perturbation", "a perturbation is named twice", at: place.path, hint: nil)
        }
        if (examples ?? 1) < 1 {
            findings.error(
                "criterion.bad_examples", "robustness needs at least one example", at: place.path,
                hint: "examples: 60")
        }
        if perturbations.contains(.reorderedChoices),
            (useCase.promptPrototype?.decoding.choices ?? ChoiceConstraint.none) == ChoiceConstraint.none
        {
            findings.error(
                "criterion.bad_perturbation", "there are no choices to reorder", at: place.path,
                hint: "Decoding(choices: .labels), or leave .reorderedChoices out")
        }
        let fields = perturbations.compactMap { if case .paraphrase(let field) = $0 { field } else { nil } }
        DefinitionValidator.checkFields(fields, facts, at: place.path, &findings)
    }
}

extension PerturbationDefinition {
    /// The perturbation's name for people.
    package var title: String {
        switch self {
        case .letterCase: "case"
        case .typos: "typos"
        case .reorderedChoices: "reordered choices"
        case .paraphrase(let field): "paraphrases in \(field)"
        }
    }
}
