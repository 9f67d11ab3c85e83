/// What must be shown on the holdout before production.
public struct ValidationDefinition: Codable, Hashable, Sendable {
    public var require: [CriterionDefinition]
    /// How many times gates may look at the holdout; the looks share the error rate.
    public var holdoutLooks: Int
    /// Comparisons with the champion, every one of which must pass.
    public var comparisons: [ComparisonDefinition]?
    public var slices: SlicesDefinition?
    /// The share of answers that may be missing, 0…1; nil for the usual 0.05.
    public var missingAnswers: Double?

    public init(
        require: [CriterionDefinition] = [], holdoutLooks: Int = 2, comparisons: [ComparisonDefinition]? = nil,
        slices: SlicesDefinition? = nil, missingAnswers: Double? = nil
    ) {
        self.require = require
        self.holdoutLooks = holdoutLooks
        self.comparisons = comparisons
        self.slices = slices
        self.missingAnswers = missingAnswers
    }
}
