import FledgeDocument

/// Whether an answer passes, as a model says by a rubric. Its rating comes after the answer is written, and is added to the
/// sample then; `EvaluatedCriterion` bounds it, and `DefinitionValidator.checkJudges` looks at it.
struct JudgedMetric: Metric {
    let judge: JudgeDefinition

    var name: String { "judged:\(judge.name)" }
    var title: String { "\(judge.name) as \(judge.model) judges" }
    let isQuality = true
    let isScored = false

    func estimate(from answers: MeasuredAnswers, alpha: Double) -> Estimate {
        Estimate(value: .nan, bounds: Bounds(lower: 0, upper: 1), count: 0, problem: "a judge has its own rules")
    }

    static var numbers: [NumberRule] {
        [
            NumberRule(
                "….metric.judge.labels", "Judged(labels:)", "labels", 20...1_000_000, "each is asked of a person",
                code: "judge.few_labels")
        ]
    }
}
