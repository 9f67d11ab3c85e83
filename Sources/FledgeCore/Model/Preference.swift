import FledgeDocument

/// Two answers to the same inputs, of which one is better.
package struct Preference: Codable, Hashable, Sendable {
    package var chosen: String
    package var rejected: String

    package init(chosen: String, rejected: String) {
        self.chosen = chosen
        self.rejected = rejected
    }
}

extension PreferencesDefinition {
    /// Whether each has a name, and not the same one.
    package var namesTwoFields: Bool { !chosen.isEmpty && !rejected.isEmpty && chosen != rejected }
}
