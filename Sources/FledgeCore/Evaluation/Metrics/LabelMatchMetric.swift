/// Whether an answer is the expected text, character for character.
struct ExactMatchMetric: Metric {
    let name = "exact-match"
    let title = "exact match"
    let isQuality = true
    let comparesWholeAnswers = true
    let comparesCharacters = true

    func score(_ answer: Scorer.Answer, by scorer: Scorer) -> Double? {
        Scorer.hit(AnswerText.trimmed(answer.output) == AnswerText.trimmed(answer.expected))
    }
}

/// Whether an answer names the expected label, and no other (`LabelComparison`).
struct LabelMatchMetric: Metric {
    let name: String
    let title: String
    let isQuality = true
    let comparesWholeAnswers = true

    static let normalizedMatch = LabelMatchMetric(name: "normalized-match", title: "normalised match")
    static let accuracy = LabelMatchMetric(name: "accuracy", title: "accuracy")

    func score(_ answer: Scorer.Answer, by scorer: Scorer) -> Double? {
        Scorer.hit(scorer.agree(answer.output, with: answer.expected, choices: answer.choices))
    }
}

/// Whether an answer is one of those that are allowed.
struct ValidOutputMetric: Metric {
    let name = "valid-output"
    let title = "valid output"
    let isMeanOfScores = true

    func score(_ answer: Scorer.Answer, by scorer: Scorer) -> Double? {
        Scorer.hit(scorer.isValid(answer.output, choices: answer.choices))
    }
}
