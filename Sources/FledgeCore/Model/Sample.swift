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
    /// Values by metric name (`MetricDefinition.name`); rates are 0 or 1 here.
    package var scores: [String: Double]
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
        latencyMicroseconds: Int64, costMicroDollars: Int64, fromCache: Bool
    ) {
        self.candidate = candidate
        self.example = example
        self.repeat = `repeat`
        self.output = output
        self.errorCode = errorCode
        self.scores = scores
        self.promptTokens = promptTokens
        self.cachedTokens = cachedTokens
        self.completionTokens = completionTokens
        self.latencyMicroseconds = latencyMicroseconds
        self.costMicroDollars = costMicroDollars
        self.fromCache = fromCache
    }
}
