/// How a candidate must compare with the champion on the same examples.
public struct ComparisonDefinition: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// The mean score is less than `margin` below the champion's.
        case noWorse = "no-worse"
        /// The mean score is more than `margin` above the champion's.
        case better
        /// The cost of a call is at least the share `margin` below the champion's; tokens stand for it where there is no
        /// price.
        case cheaper
    }

    public var kind: Kind
    /// The use case's first quality metric unless said; none for a cost.
    public var metric: MetricDefinition?
    /// A fraction: of the metric's scale of 0…1, or of the champion's cost.
    public var margin: Double
    /// A fraction, 0…1 exclusive.
    public var confidence: Double

    public init(kind: Kind, metric: MetricDefinition? = nil, margin: Double, confidence: Double = 0.95) {
        self.kind = kind
        self.metric = metric
        self.margin = margin
        self.confidence = confidence
    }
}
