extension HistoryEntry {
    /// What the event carried, in a few words; nil where it carried nothing that a reader of the history needs.
    package var note: String? {
        // Written by another version where it can't be read: then the event's name has to do.
        guard let event = try? JSONProfile.canonical.value(CycleEvent.self, from: evidence) else { return nil }
        return switch event {
        case .championMoved(let from, let to, let reason):
            (from.map { "release \($0) → release \(to)" } ?? "to release \(to)") + ": \(reason)"
        case .revisionAdopted(let from, let to, _): "revision \(from) → revision \(to), which asks for no new evidence"
        case .superseded(let revision): "revision \(revision) has taken its place"
        case .releaseMade(let number): "release \(number)"
        case .approvalRefused(let reason), .driftSeen(let reason): reason
        case .gateJudged(let verdict, _): verdict.rawValue
        case .workFailed(let code, _), .trainingFailed(let code, _): code
        default: nil
        }
    }
}
