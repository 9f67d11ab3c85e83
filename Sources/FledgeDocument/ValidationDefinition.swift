/// What must be shown on the holdout before production.
public struct ValidationDefinition: Codable, Hashable, Sendable {
    public var require: [CriterionDefinition]
    /// How many times gates may look at the holdout; the looks share the error rate.
    public var holdoutLooks: Int
    /// Comparisons with the champion, every one of which must pass.
    public var comparisons: [ComparisonDefinition]?
    public var slices: SlicesDefinition?

    public init(
        require: [CriterionDefinition] = [], holdoutLooks: Int = 2, comparisons: [ComparisonDefinition]? = nil,
        slices: SlicesDefinition? = nil
    ) {
        self.require = require
        self.holdoutLooks = holdoutLooks
        self.comparisons = comparisons
        self.slices = slices
    }
}
