import FledgeCore

/// A use case that a person has paused: nothing moves until it is resumed.
struct Pause: Equatable {
    let name: String
    /// Who paused it; nil where the history does not say.
    let actor: String?

    /// Nil for one that is not paused, or has nothing to do anyway.
    init?(_ status: UseCaseStatus, history: [HistoryEntry] = []) {
        guard status.state.isPaused, !status.state.hasArrived else { return nil }
        name = status.name
        actor = history.last { $0.event == CycleEvent.Kind.paused.rawValue }?.actor
    }

    var sentence: String {
        InertText.line("\(name): paused\(actor.map { " by \($0)" } ?? ""): fledge resume \(name)")
    }
}
