import FledgeDocument

/// Scores single answers to a use case's questions.
package struct Scorer: Sendable {
    package struct Answer: Sendable {
        /// As it came.
        package var output: String
        package var expected: String
        /// The texts that the answer was to be one of; nil for a free answer.
        package var choices: [String]?
    }

    private let labels: LabelComparison
    /// What metrics made once for all answers, by their names.
    let prepared: [String: any Sendable]
    let patternLimit: Pattern.Limit
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
        var prepared: [String: any Sendable] = [:]
        for metric in metrics.map(\.metric) where prepared[metric.name] == nil {
            prepared[metric.name] = metric.prepared(labels: labels)
        }
        self.prepared = prepared
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
        return try metric.metric.score(Answer(output: output, expected: expected, choices: choices), by: self)
    }

    /// What a sample keeps of an answer by a metric: its score, and what the metric marks beside it; that it is not known
    /// where there is no score.
    ///
    /// - Throws: `CancellationError` where the task was cancelled.
    package func scores(
        _ metric: MetricDefinition, output: String, expected: String, choices: [String]?
    ) throws(CancellationError) -> [String: Double] {
        try CancellationPoint.check()
        let metric = metric.metric
        let answer = Answer(output: output, expected: expected, choices: choices)
        guard let score = try metric.score(answer, by: self) else { return [Sample.unread(metric.name): 1] }
        var scores = metric.marks(answer, score: score, by: self)
        scores[metric.name] = score
        return scores
    }

    /// Whether an answer is one of the labels of the data or of the choices, right or wrong: it is then whole, however it
    /// ended.
    package func isLabel(_ output: String, choices: [String]?) -> Bool {
        choices?.contains(AnswerText.trimmed(output)) == true || labels.isLabel(output)
    }

    /// An answer that is one of the choices is that choice, and no other.
    func agree(_ output: String, with expected: String, choices: [String]?) -> Bool {
        let answer = AnswerText.trimmed(output)
        if let choices, choices.contains(answer), choices.contains(expected) { return answer == expected }
        return labels.agree(output, with: expected)
    }

    /// An answer is valid when it is one of the choices; where there are none and JSON is asked for, when it is one
    /// well-formed JSON value, alone or in a fence; else when it is not empty.
    func isValid(_ output: String, choices: [String]?) -> Bool {
        if let choices { return choices.contains { labels.agree(output, with: $0) } }
        return asksJSON ? WrappedReply.json(output) != nil : !AnswerText.trimmed(output).isEmpty
    }

    static func hit(_ holds: Bool) -> Double { holds ? 1 : 0 }
}

extension UseCaseDefinition {
    /// Whether answers are to be JSON: a schema says so, or a metric looks at a field of them.
    package var asksJSON: Bool {
        promptPrototype?.decoding.jsonSchema != nil || scoredMetrics.contains { $0.metric.asksJSON }
    }
}
