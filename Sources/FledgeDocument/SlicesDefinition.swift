/// Parts of the holdout of which none may be bad, whatever the mean says: one for each value of each field.
public struct SlicesDefinition: Codable, Hashable, Sendable {
    /// Fields of the data rows; they need not be inputs.
    public var fields: [String]
    /// Slices with fewer examples are reported, and decide nothing.
    public var minimumExamples: Int
    /// A fraction, 0…1 exclusive: of being right about every slice that is turned down.
    public var confidence: Double

    public init(fields: [String], minimumExamples: Int = 20, confidence: Double = 0.95) {
        self.fields = fields
        self.minimumExamples = minimumExamples
        self.confidence = confidence
    }
}
