/// Whether an answer is a number within a tolerance of the expected one (`NumericScorer`).
struct NumericMetric: Metric {
    let tolerance: Double

    var name: String { "numeric:\(tolerance)" }
    var title: String { "number within \(tolerance)" }
    let isQuality = true

    func score(_ answer: Scorer.Answer, by scorer: Scorer) -> Double? {
        Scorer.hit(NumericScorer.matches(output: answer.output, expected: answer.expected, tolerance: tolerance))
    }

    func check(at place: CriterionPlace, _ patterns: PatternCheck, _ findings: inout DefinitionValidator.Findings) {
        guard !(tolerance >= 0 && tolerance.isFinite) else { return }
        findings.error(
            "criterion.bad_tolerance", "the tolerance \(tolerance) is below zero", at: place.path, hint: nil)
    }

    static var numbers: [NumberRule] {
        [
            NumberRule(
                "….metric.tolerance", "Numeric(tolerance:)", "the tolerance", 0...1e18,
                "a distance between two numbers", code: "criterion.bad_tolerance")
        ]
    }
}
