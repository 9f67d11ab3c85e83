/// Which revision a cycle was pinned to at each of its gates.
///
/// A revision that asks for no new evidence takes the place of the one before. What a gate and its decision were computed
/// from is what the cycle was pinned to at that time: a price, for example, stands in a decision's record.
package struct PinHistory: Sendable {
    /// By look, from 1; nil for what the cycle is pinned to now.
    private var revisions: [Int?] = []

    /// - Parameter history: of the use case, oldest entry first.
    package init(_ history: [HistoryEntry], of cycle: Cycle) {
        let entries = history.filter { $0.cycle == cycle.number }
        for (index, entry) in entries.enumerated() where entry.event == CycleEvent.Kind.gateJudged.rawValue {
            // The decision is made from what was read after the verdict; what was adopted behind it came later.
            let later = entries[(index + 1)...]
            let decided = later.firstIndex { $0.event.hasPrefix("decided-") } ?? index
            revisions.append(entries[decided...].lazy.compactMap(Self.replaced).first)
        }
    }

    /// The number of the revision; nil for what the cycle is pinned to now.
    package func revision(atLook look: Int) -> Int? {
        revisions.indices.contains(look - 1) ? revisions[look - 1] : nil
    }

    private static func replaced(_ entry: HistoryEntry) -> Int? {
        guard entry.event == CycleEvent.Kind.revisionAdopted.rawValue,
            case .revisionAdopted(let from, _, _)? = try? JSONProfile.canonical.value(
                CycleEvent.self, from: entry.evidence)
        else { return nil }
        return from
    }
}
