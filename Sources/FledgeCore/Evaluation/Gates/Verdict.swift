/// What a gate, or one of its criteria, says.
package enum Verdict: String, Codable, Sendable, CaseIterable {
    case passed, failed, inconclusive, error
}
