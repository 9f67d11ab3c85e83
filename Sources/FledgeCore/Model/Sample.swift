import Foundation

/// One scored model call: candidate × example × repeat.
package struct Sample: Codable, Hashable, Sendable {
    package var candidate: CandidateID
    package var example: ExampleID
    /// From 0.
    package var `repeat`: Int
    /// The answer's text; nil when the call failed.
    package var output: String?
    /// A stable code when the call failed: `model.context_overflow`.
    package var errorCode: String?
    /// Why the answer is not there as a whole; nil for one that is.
    package var shortfall: AnswerShortfall?
    /// Whether the question went without an answer: the call failed, or what came is short of one and not right all the
    /// same. Such a sample is neither right nor wrong.
    package var isUnanswered: Bool
    /// Values by metric name (`MetricDefinition.name`); rates are 0 or 1 here. None where there is no answer.
    package var scores: [String: Double]
    /// Whether the server did not say how many tokens it used: the counts and the cost are then the most that the call can
    /// have used.
    package var isUsagePresumed: Bool
    package var promptTokens: Int
    package var cachedTokens: Int
    package var completionTokens: Int
    package var latencyMicroseconds: Int64
    package var costMicroDollars: Int64
    /// True when the answer came from the response cache: nothing was paid.
    package var fromCache: Bool

    package init(
        candidate: CandidateID, example: ExampleID, repeat: Int, output: String?, errorCode: String?,
        scores: [String: Double], promptTokens: Int, cachedTokens: Int, completionTokens: Int,
        latencyMicroseconds: Int64, costMicroDollars: Int64, fromCache: Bool, shortfall: AnswerShortfall? = nil,
        isUnanswered: Bool? = nil, isUsagePresumed: Bool = false
    ) {
        self.candidate = candidate
        self.example = example
        self.repeat = `repeat`
        self.output = output
        self.errorCode = errorCode
        self.shortfall = shortfall
        self.isUnanswered = isUnanswered ?? (errorCode != nil)
        self.isUsagePresumed = isUsagePresumed
        self.scores = scores
        self.promptTokens = promptTokens
        self.cachedTokens = cachedTokens
        self.completionTokens = completionTokens
        self.latencyMicroseconds = latencyMicroseconds
        self.costMicroDollars = costMicroDollars
        self.fromCache = fromCache
    }
}

extension Sample {
    /// What stands among the scores in place of a judge's, where its reply could not be read. It keeps apart an answer that
    /// was judged in vain and one that was not judged yet. A pattern that took too long over an answer leaves the same.
    package static func unread(_ metric: String) -> String { "unread:\(metric)" }

    package func isUnread(by metric: String) -> Bool { scores[Self.unread(metric)] != nil }

    /// Whether a pattern that the answer is ranked by took too long over it.
    package var isGivenUp: Bool {
        scores["primary"] == nil && scores.keys.contains { $0.hasPrefix("unread:regular-expression:") }
    }

    /// Nil where nothing is known of the answer by this metric (or `primary`): it did not come, its judge's reply could not
    /// be read, it was not judged yet, or the search for a pattern in it was given up.
    package func score(of metric: String) -> Double? {
        isUnanswered || isUnread(by: metric) ? nil : scores[metric]
    }
}
