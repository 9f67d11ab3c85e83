import FledgeDocument
import Foundation

/// The unweighted mean of the labels' F1 (`MacroF1Bounds`). The labels are the distinct expected answers of the examples that are
/// evaluated; an answer names a label as for `accuracy`.
struct MacroF1Metric: Metric {
    let name = "macro-f1"
    let title = "macro F1"

    // No score of a single answer, so that it neither leads a search, is compared, nor is asked of a slice. A sample's score
    // says whether the answer names the expected label.
    let isScored = true
    let isRate = false
    let isShare = true
    let comparesWholeAnswers = true
    let isHeldToRate = true
    let limitsLooks = true

    // MARK: Of one answer

    /// The number of the label that an answer names; -1 for none.
    private static let named = "macro-f1:named"

    func prepared(labels: [String]) -> (any Sendable)? { KnownLabels(labels) }

    func score(_ answer: Scorer.Answer, by scorer: Scorer) -> Double? {
        Scorer.hit(scorer.agree(answer.output, with: answer.expected, choices: answer.choices))
    }

    func marks(_ answer: Scorer.Answer, score: Double, by scorer: Scorer) -> [String: Double] {
        if score == 1 { return [Self.named: Self.number(of: answer.expected)] }
        let label = (scorer.prepared[name] as? KnownLabels)?.label(in: answer.output)
        // Among choices, what is one of them is that one and no other.
        guard let label, scorer.agree(answer.output, with: label, choices: answer.choices) else {
            return [Self.named: -1]
        }
        return [Self.named: Self.number(of: label)]
    }

    /// The same for a label in every process: 53 bits of its hash, which a number in JSON keeps.
    private static func number(of label: String) -> Double {
        let text = AnswerText.trimmed(label).precomposedStringWithCanonicalMapping
        return Double(StableHash.hash(text, seed: 0) >> 11)
    }

    /// The labels of the data, by the forms in which they are compared.
    private struct KnownLabels: Sendable {
        private var labels: [AnswerForm: [String: String]] = [:]

        init(_ texts: [String]) {
            let comparison = LabelComparison(texts)
            for label in Set(texts.lazy.map(AnswerText.trimmed)) {
                let form = comparison.form(of: label)
                labels[form, default: [:]][form.of(label)] = label
            }
        }

        /// The one that an answer agrees with: it agrees with no two.
        func label(in answer: String) -> String? {
            for form in AnswerForm.allCases {
                if let label = labels[form]?[form.of(answer)] { return label }
            }
            return nil
        }
    }

    // MARK: At a gate

    func estimate(from answers: MeasuredAnswers, alpha: Double) -> Estimate {
        var known: [Double: Int] = [:]
        var judged: [MacroF1Bounds.Answer] = []
        var named: [Double?] = []
        for (measured, group) in zip(answers.first, answers.groups.numbers) {
            guard let expected = measured.expected else {
                return Estimate(
                    value: .nan, bounds: Bounds(lower: 0, upper: 1), count: 0,
                    problem: "it is not known which answers are expected")
            }
            let number = Self.number(of: expected)
            let next = known.count
            let place = known[number, default: next]
            known[number] = place
            named.append(measured.sample.isUnanswered ? nil : measured.sample.scores[Self.named])
            judged.append(MacroF1Bounds.Answer(expected: place, given: .missing, group: group))
        }
        for (place, named) in named.enumerated() {
            guard let named else { continue }
            let found = known[named]
            judged[place].given = found == judged[place].expected ? .right : .wrong(named: found)
        }
        let outcomes = judged.map { $0.given == .missing ? nil : $0.given == .right }
        var estimate = answers.rate(outcomes, in: answers.groups, alpha: alpha)
        guard estimate.count > 0 else { return estimate }
        let measure = MacroF1Bounds(judged)
        let bounds = measure.bounds(alpha: alpha)
        estimate.value = measure.value
        // So few examples show no more than the exact bound of their accuracy.
        estimate.bounds = Bounds(lower: min(bounds.lower, estimate.bounds.lower), upper: bounds.upper)
        return estimate
    }

    // MARK: At `check`

    func checkFit(
        at place: CriterionPlace, in useCase: UseCaseDefinition, _ findings: inout DefinitionValidator.Findings
    ) {
        guard useCase.qualityMetrics.isEmpty else { return }
        findings.error(
            "criterion.no_single_score",
            "macro F1 belongs to all answers together, and prompts are ranked by the scores of single ones",
            at: place.path, hint: "name Accuracy(atLeast:) beside it: that ranks prompts, and both are judged")
    }

    /// That label's F1 alone is above zero: its precision is its share, its recall 1.
    func scoreOfMajority(share: Double, labels: Int) -> Double? { 2 * share / (1 + share) / Double(max(1, labels)) }
}
