/// What applying a definition would do to its use case, and what that can cost at the most.
package struct EditEffect: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// Nothing is new.
        case none
        /// A cycle starts at once.
        case startsCycle = "starts-cycle"
        /// A cycle starts when the one under way stands in production or is blocked.
        case waitsForCycle = "waits-for-cycle"
        /// The edit asks for no new evidence: the latest cycle and the release that serves go on under the new
        /// revision.
        case adopted
    }

    package var kind: Kind
    /// The changes that ask for new evidence.
    package var evidence: [String]
    /// The latest cycle's number; nil before the first.
    package var cycle: Int?
    /// The number of the release that serves meanwhile; nil where none does.
    package var serving: Int?
    /// Nil where no cycle starts.
    package var forecast: CycleForecast?
    package var holdout: HoldoutForecast?

    package init(
        kind: Kind, evidence: [String], cycle: Int?, serving: Int?, forecast: CycleForecast?, holdout: HoldoutForecast?
    ) {
        self.kind = kind
        self.evidence = evidence
        self.cycle = cycle
        self.serving = serving
        self.forecast = forecast
        self.holdout = holdout
    }
}
