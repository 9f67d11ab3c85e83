/// The mean F1 over the words that answer and expected text share (`TokenOverlap`).
struct TokenF1Metric: Metric {
    let name = "token-f1"
    let title = "token F1"
    let isQuality = true
    let isRate = false
    let isShare = true

    func score(_ answer: Scorer.Answer, by scorer: Scorer) -> Double? {
        TokenOverlap.f1(output: answer.output, expected: answer.expected)
    }

    func estimate(from answers: MeasuredAnswers, alpha: Double) -> Estimate {
        answers.mean(
            answers.first.map { $0.sample.isUnanswered ? nil : $0.sample.scores[name] ?? 0 }, alpha: alpha)
    }
}
