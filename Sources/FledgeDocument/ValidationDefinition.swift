/// What must be shown on the holdout before production.
public struct ValidationDefinition: Codable, Hashable, Sendable {
    public var require: [CriterionDefinition]
    /// How many times gates may look at the holdout; the looks share the error rate.
    public var holdoutLooks: Int

    public init(require: [CriterionDefinition] = [], holdoutLooks: Int = 2) {
        self.require = require
        self.holdoutLooks = holdoutLooks
    }
}
