/// The share of examples whose repeated answers are all the same text.
struct ConsistencyMetric: Metric {
    let repeats: Int
    let examples: Int?

    var name: String { "consistency:\(repeats)" }
    var title: String { "consistency over \(repeats) repeats" }
    let standsForQuality = false
    var repetition: Repetition? { Repetition(calls: max(1, repeats) - 1, examples: examples) }

    func estimate(from answers: MeasuredAnswers, alpha: Double) -> Estimate {
        let byExample = Dictionary(grouping: answers.measured, by: \.sample.example).values.filter { $0.count > 1 }
        guard !byExample.isEmpty else {
            return Estimate(
                value: .nan, bounds: Bounds(lower: 0, upper: 1), count: 0, problem: "no repeats were made")
        }
        let agreeing = byExample.map { repeats -> Bool? in
            let answered = repeats.filter { !$0.sample.isUnanswered }
            guard Set(answered.map(\.sample.output)).count <= 1 else { return false }
            return answered.count == repeats.count ? true : nil
        }
        return answers.rate(agreeing, in: MeasuredAnswers.Groups(byExample.map { $0[0] }), alpha: alpha)
    }

    func check(at place: CriterionPlace, _ patterns: PatternCheck, _ findings: inout DefinitionValidator.Findings) {
        guard repeats < 2 || (examples ?? 1) < 1 else { return }
        findings.error(
            "criterion.bad_repeats", "consistency needs at least 2 repeats of 1 example", at: place.path,
            hint: "repeats: 3")
    }

    static var numbers: [NumberRule] {
        [
            NumberRule(
                "….metric.repeats", "Consistency(repeats:)", "repeats", 2...1000, "each is a call for each example",
                code: "criterion.bad_repeats"),
            NumberRule(
                "….metric.examples", "Consistency(examples:), Robustness(examples:)", "the criterion's examples",
                1...NumberRule.manyRows, "rows are counted in 32 bits", code: "criterion.bad_examples"),
        ]
    }
}
