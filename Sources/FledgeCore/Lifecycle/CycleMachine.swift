/// The stage machine of one cycle: takes an event, returns what becomes of the cycle's work, touches nothing else.
///
/// `edges` is the whole machine: a pair of state and event that no edge takes is rejected.
package struct CycleMachine: Sendable {
    package private(set) var state: CycleState
    /// Whether a passed gate needs a person's approval before it becomes a release.
    private var needsApproval: Bool
    /// Whether the cycle has ended: then it takes no event, wherever it stands.
    private var isOver: Bool

    package init(state: CycleState = .new, needsApproval: Bool, isOver: Bool = false) {
        self.state = state
        self.needsApproval = needsApproval
        self.isOver = isOver
    }

    private static let edgesOfEvent = Dictionary(grouping: edges, by: \.event)

    /// Applies an event by the first edge that takes it.
    ///
    /// - Returns: what becomes of the cycle's work, in the order in which it has to be done.
    /// - Throws: `FledgeError` with code `cycle.rejected_event` when the state does not take the event.
    package mutating func handle(_ event: CycleEvent) throws(FledgeError) -> [WorkChange] {
        if isOver { throw rejection(of: event) }
        let place = Place(state.stage, state.activity)
        let edge = Self.edgesOfEvent[event.kind]?.first {
            $0.from.contains(place) && $0.condition.holds(in: state, needsApproval: needsApproval)
        }
        guard let edge else { throw rejection(of: event) }
        if let to = edge.to {
            state.stage = to.stage
            state.activity = to.activity
        }
        state.remember(event)
        if case .revisionAdopted(_, _, let needsApproval) = event { self.needsApproval = needsApproval }
        isOver = event.kind.endsCycle
        return edge.work(state)
    }

    private func rejection(of event: CycleEvent) -> FledgeError {
        let blocked = state.block.map { ", blocked (\($0.code))" } ?? ""
        let paused = state.isPaused ? ", paused" : ""
        let over = isOver ? ": the cycle is over" : ""
        return FledgeError(
            "cycle.rejected_event",
            "\(event.kind.rawValue) is not possible in \(state.stage.rawValue)/\(state.activity.rawValue)\(blocked)\(paused)\(over)",
            hint: state.block == nil || isOver
                ? "fledge status shows where it stands and what it waits for"
                : "fledge explain says why it is blocked; fledge retry starts the stage's work again")
    }
}
