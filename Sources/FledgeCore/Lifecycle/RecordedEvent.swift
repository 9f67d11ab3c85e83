import FledgeDocument

/// An event as the history keeps it: with the number of the rules by which whoever wrote it counts.
///
/// The number stands beside the event, where builds of before do not look. It is under the hash of its transition, so that
/// nobody can say afterwards that a cycle was counted by other rules.
package struct RecordedEvent: Hashable, Sendable {
    package var event: CycleEvent
    /// Nil for one that a build without such numbers has written.
    package var rules: Int?

    private struct Number: Decodable {
        var rules: Int?
    }

    /// The canonical text of an event that is written now.
    package static func text(of event: CycleEvent) -> String {
        guard case .object(var members) = CanonicalJSON(of: event) else { return CanonicalJSON.text(of: event) }
        members["rules"] = .signed(Int64(clamping: CycleState.rules))
        return CanonicalJSON.object(members).text
    }

    /// Nil for an event that only a newer version knows.
    package init?(_ text: String) {
        guard let event = try? JSONProfile.canonical.value(CycleEvent.self, from: text),
            let number = try? JSONProfile.canonical.value(Number.self, from: text)
        else { return nil }
        self.event = event
        rules = number.rules
    }
}
