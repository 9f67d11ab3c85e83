import FledgeDocument

/// Scores single answers to a use case's questions.
package struct Scorer: Sendable {
    private let labels: LabelComparison
    /// The values of the fields that metrics look at, by the field.
    private let values: [String: LabelComparison]
    /// The metrics' patterns that compile, compiled once for all answers.
    private let patterns: [String: Pattern]
    private let patternLimit: Pattern.Limit
    private let asksJSON: Bool

    /// - Parameters:
    ///   - labels: the expected texts of the data: no two of them count as the same answer.
    ///   - metrics: those that answers are scored by.
    ///   - asksJSON: whether an answer is to be JSON.
    ///   - patternLimit: what the search for a pattern in one answer may take.
    package init(
        labels: [String] = [], metrics: [MetricDefinition] = [], asksJSON: Bool = false,
        patternLimit: Pattern.Limit = Pattern.Limit()
    ) {
        self.labels = LabelComparison(labels)
        self.asksJSON = asksJSON
        self.patternLimit = patternLimit
        var patterns: [String: Pattern] = [:]
        for case .regularExpression(let pattern) in metrics where patterns[pattern] == nil {
            patterns[pattern] = try? Pattern(pattern)
        }
        self.patterns = patterns
        var values: [String: LabelComparison] = [:]
        for case .jsonField(let field, _) in metrics where values[field] == nil {
            values[field] = LabelComparison(labels.compactMap { JSONFieldScorer.text(of: field, in: $0) })
        }
        self.values = values
    }

    /// - Parameters:
    ///   - labels: the expected texts of the use case's data.
    ///   - patternLimit: what the search for a pattern in one answer may take.
    package init(
        for definition: UseCaseDefinition, labels: [String], patternLimit: Pattern.Limit = Pattern.Limit()
    ) {
        self.init(
            labels: labels, metrics: definition.scoredMetrics, asksJSON: definition.asksJSON,
            patternLimit: patternLimit)
    }

    /// - Parameters:
    ///   - output: the model's answer, as it came.
    ///   - expected: the label.
    ///   - choices: the texts that the answer was to be one of; nil for a free answer.
    /// - Returns: 0 (wrong) … 1 (right); nil where that is not known: a pattern took too long over the answer, or cannot be
    ///   searched for at all.
    /// - Throws: `CancellationError` where the task was cancelled.
    package func score(
        _ metric: MetricDefinition, output: String, expected: String, choices: [String]?
    ) throws(CancellationError) -> Double? {
        try CancellationPoint.check()
        return switch metric {
        case .exactMatch: hit(AnswerText.trimmed(output) == AnswerText.trimmed(expected))
        case .normalizedMatch, .accuracy: hit(agree(output, with: expected, choices: choices))
        case .tokenF1: TokenOverlap.f1(output: output, expected: expected)
        case .regularExpression(let pattern): try match(of: pattern, in: output)
        case .jsonField(let field, let comparison):
            hit(
                JSONFieldScorer.matches(
                    output: output, expected: expected, field: field, comparison: comparison,
                    values: values[field] ?? LabelComparison([])))
        case .numeric(let tolerance):
            hit(NumericScorer.matches(output: output, expected: expected, tolerance: tolerance))
        case .validOutput: hit(isValid(output, choices: choices))
        // These are measured over several samples, from their outputs, times and costs.
        case .consistency, .robustness, .latency, .costPerThousandCalls, .tokensPerCall: 0
        // A model's verdict comes after the answer is written, and is added to the sample then.
        case .judged: 0
        }
    }

    /// Whether an answer is one of the labels of the data or of the choices, right or wrong: it is then whole, however it
    /// ended.
    package func isLabel(_ output: String, choices: [String]?) -> Bool {
        choices?.contains(AnswerText.trimmed(output)) == true || labels.isLabel(output)
    }

    /// An answer that is one of the choices is that choice, and no other.
    private func agree(_ output: String, with expected: String, choices: [String]?) -> Bool {
        let answer = AnswerText.trimmed(output)
        if let choices, choices.contains(answer), choices.contains(expected) { return answer == expected }
        return labels.agree(output, with: expected)
    }

    /// An answer is valid when it is one of the choices; where there are none and JSON is asked for, when it is one
    /// well-formed JSON value, alone or in a fence; else when it is not empty.
    private func isValid(_ output: String, choices: [String]?) -> Bool {
        if let choices { return choices.contains { labels.agree(output, with: $0) } }
        return asksJSON ? WrappedReply.json(output) != nil : !AnswerText.trimmed(output).isEmpty
    }

    private func match(of pattern: String, in output: String) throws(CancellationError) -> Double? {
        guard let pattern = patterns[pattern] ?? (try? Pattern(pattern)) else { return nil }
        return switch try RegularExpressionScorer.search(output, for: pattern, within: patternLimit) {
        case .found: 1
        case .absent: 0
        case .unknown: nil
        }
    }

    private func hit(_ holds: Bool) -> Double { holds ? 1 : 0 }
}

extension UseCaseDefinition {
    /// Whether answers are to be JSON: a schema says so, or a metric looks at a field of them.
    package var asksJSON: Bool {
        promptPrototype?.decoding.jsonSchema != nil || scoredMetrics.contains { $0.kind == .jsonField }
    }
}
