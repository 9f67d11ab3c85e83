import FledgeDocument

/// Scores one answer.
package enum Scorer {
    /// - Parameters:
    ///   - output: the model's answer, as it came.
    ///   - expected: the label.
    ///   - choices: the texts that the answer was to be one of; nil for a free answer.
    /// - Returns: 0 (wrong) … 1 (right).
    package static func score(_ metric: MetricDefinition, output: String, expected: String, choices: [String]?)
        -> Double
    {
        switch metric {
        case .exactMatch: hit(AnswerText.trimmed(output) == AnswerText.trimmed(expected))
        case .normalizedMatch, .accuracy: hit(AnswerText.agree(output, expected))
        case .tokenF1: TokenOverlap.f1(output: output, expected: expected)
        case .regularExpression(let pattern): hit(RegularExpressionScorer.matches(output, pattern: pattern))
        case .jsonField(let field): hit(JSONFieldScorer.matches(output: output, expected: expected, field: field))
        case .numeric(let tolerance):
            hit(NumericScorer.matches(output: output, expected: expected, tolerance: tolerance))
        case .validOutput: hit(isValid(output, choices: choices))
        // These are measured over several samples, from their outputs, times and costs.
        case .consistency, .robustness, .latency, .costPerThousandCalls, .tokensPerCall: 0
        // A model's verdict comes after the answer is written, and is added to the sample then.
        case .judged: 0
        }
    }

    /// An answer is valid when it is one of the choices, or, where there are none, when it is not empty.
    private static func isValid(_ output: String, choices: [String]?) -> Bool {
        guard let choices else { return !AnswerText.trimmed(output).isEmpty }
        return choices.contains { AnswerText.agree(output, $0) }
    }

    private static func hit(_ holds: Bool) -> Double { holds ? 1 : 0 }
}
