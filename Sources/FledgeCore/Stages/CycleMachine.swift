/// The stage machine of one cycle: takes an event, returns actions, touches nothing else.
///
/// The table below is the whole machine: a pair of state and event that is not in it is rejected.
package struct CycleMachine: Sendable {
    /// One edge. `actions` sees the state after the move.
    package struct Edge: Sendable {
        package let from: Place
        package let event: CycleEvent.Kind
        package let to: Place
        let actions: @Sendable (CycleState, CycleEvent) -> [CycleAction]
    }

    package struct Place: Hashable, Sendable {
        package let stage: Stage
        package let activity: Activity

        package init(_ stage: Stage, _ activity: Activity) {
            self.stage = stage
            self.activity = activity
        }
    }

    package private(set) var state: CycleState
    /// Whether a passed gate needs a person's approval before it becomes a release.
    private var needsApproval: Bool

    package init(state: CycleState = .new, needsApproval: Bool) {
        self.state = state
        self.needsApproval = needsApproval
    }

    package static let edges: [Edge] = [
        edge(new, .started, experimenting) { state, _ in [.runExperiment(round: state.round)] },
        edge(experimenting, .roundFinished, experimenting) { state, _ in [.runExperiment(round: state.round)] },
        edge(experimenting, .candidateChosen, judging, judge),
        edge(judging, .gateJudged, deciding) { state, _ in
            state.candidate.map { [.decide($0, look: state.looks)] } ?? []
        },
        edge(deciding, .decidedFineTune, training) { state, _ in [.train(attempt: state.trainings)] },
        edge(deciding, .decidedKeepPrototyping, experimenting) { state, _ in [.runExperiment(round: state.round)] },
        edge(deciding, .decidedPromote, awaitingApproval) { _, _ in [.notify("awaiting-approval")] },
        edge(deciding, .decidedPromote, releasing, release),
        edge(deciding, .decidedNeedsData, deciding) { _, _ in [.notify("needs-data")] },
        edge(deciding, .decidedStop, deciding) { _, _ in [.notify("stopped")] },
        edge(training, .trainingFinished, comparing, compare),
        edge(comparing, .candidateChosen, judging, judge),
        edge(training, .trainingFailed, training) { _, _ in [.notify("training-failed")] },
        // A prompt that has passed and was to be made cheaper needs no adapter.
        edge(training, .decidedPromote, awaitingApproval) { _, _ in
            [.notify("training-failed"), .notify("awaiting-approval")]
        },
        edge(training, .decidedPromote, releasing) { state, event in
            [.notify("training-failed")] + release(state, event)
        },
        edge(awaitingApproval, .approvalGiven, releasing, release),
        edge(awaitingApproval, .approvalRefused, awaitingApproval) { _, _ in [.notify("approval-refused")] },
        edge(releasing, .releaseMade, live) { _, _ in [.notify("promoted")] },
        edge(live, .driftSeen, experimenting) { state, _ in [.runExperiment(round: state.round)] },
    ]

    /// Events that any place but the end takes, because they do not move the cycle: the overlays.
    package static let overlayEvents: Set<CycleEvent.Kind> = [
        .paused, .resumed, .retried, .retired, .workFailed, .gateError, .cancelled, .revisionAdopted, .championMoved,
    ]

    /// Applies an event.
    ///
    /// - Returns: the work that the transition starts.
    /// - Throws: `FledgeError` with code `cycle.rejected_event` when the state does not take the event.
    package mutating func handle(_ event: CycleEvent) throws(FledgeError) -> [CycleAction] {
        if Self.overlayEvents.contains(event.kind) { return try overlay(event) }
        guard state.block == nil else { throw rejection(of: event) }
        let place = Place(state.stage, state.activity)
        let edges = Self.edges.filter { $0.from == place && $0.event == event.kind }
        let takesApproval = edges.count > 1
        guard
            let edge = takesApproval
                ? edges.first(where: { ($0.to == Self.awaitingApproval) == needsApproval }) : edges.first
        else { throw rejection(of: event) }
        state.stage = edge.to.stage
        state.activity = edge.to.activity
        state.remember(event)
        return edge.actions(state, event)
    }

    private mutating func overlay(_ event: CycleEvent) throws(FledgeError) -> [CycleAction] {
        // What serves, and words that are no evidence, may change before a cycle's start as well.
        switch event {
        case .championMoved where state.stage != .retired: return []
        case .revisionAdopted(_, _, let needsApproval) where state.stage != .retired:
            self.needsApproval = needsApproval
            return []
        default: break
        }
        guard state.stage != .retired, state.activity != .none else { throw rejection(of: event) }
        switch event {
        case .paused where !state.isPaused, .resumed where state.isPaused,
            .cancelled where state.block == nil && isWorking:
            state.remember(event)
            return []
        case .retried where state.block != nil:
            state.remember(event)
            return actionsToRepeat()
        case .retired:
            state.stage = .retired
            state.activity = .none
            state.remember(event)
            return []
        case .workFailed where state.block == nil && isWorking,
            .gateJudged(.error, _) where state.block == nil && state.activity == .judging:
            state.remember(event)
            return [.notify("blocked")]
        default: throw rejection(of: event)
        }
    }

    private var isWorking: Bool {
        [.experimenting, .judging, .deciding, .training, .releasing].contains(state.activity)
    }

    /// The work of the place where the cycle stands, for a retry.
    private func actionsToRepeat() -> [CycleAction] {
        switch (state.activity, state.candidate) {
        case (.experimenting, let candidate?) where state.stage == .fineTune:
            [.comparePrompts(candidate, attempt: state.trainings)]
        case (.experimenting, _): [.runExperiment(round: state.round)]
        case (.judging, let candidate?): [.judgeGate(candidate, look: state.looks)]
        case (.deciding, let candidate?): [.decide(candidate, look: state.looks)]
        case (.training, _): [.train(attempt: state.trainings)]
        case (.releasing, let candidate?): [.makeRelease(candidate)]
        default: []
        }
    }

    private func rejection(of event: CycleEvent) -> FledgeError {
        let blocked = state.block.map { ", blocked (\($0.code))" } ?? ""
        let paused = state.isPaused ? ", paused" : ""
        return FledgeError(
            "cycle.rejected_event",
            "\(event.kind.rawValue) is not possible in \(state.stage.rawValue)/\(state.activity.rawValue)\(blocked)\(paused)",
            hint: state.block == nil
                ? "fledge status shows where it stands and what it waits for"
                : "fledge explain says why it is blocked; fledge retry starts the stage's work again",
            exitCode: .usage)
    }

    // MARK: Places and recurring actions

    private static let new = Place(.promptPrototype, .none)
    private static let experimenting = Place(.promptPrototype, .experimenting)
    private static let judging = Place(.validation, .judging)
    private static let deciding = Place(.validation, .deciding)
    private static let awaitingApproval = Place(.validation, .awaitingApproval)
    private static let releasing = Place(.validation, .releasing)
    private static let training = Place(.fineTune, .training)
    private static let comparing = Place(.fineTune, .experimenting)
    private static let live = Place(.production, .live)

    private static func edge(
        _ from: Place, _ event: CycleEvent.Kind, _ to: Place,
        _ actions: @escaping @Sendable (CycleState, CycleEvent) -> [CycleAction]
    ) -> Edge {
        Edge(from: from, event: event, to: to, actions: actions)
    }

    private static let judge: @Sendable (CycleState, CycleEvent) -> [CycleAction] = { state, _ in
        state.candidate.map { [.judgeGate($0, look: state.looks)] } ?? []
    }

    private static let compare: @Sendable (CycleState, CycleEvent) -> [CycleAction] = { state, _ in
        state.candidate.map { [.comparePrompts($0, attempt: state.trainings)] } ?? []
    }

    private static let release: @Sendable (CycleState, CycleEvent) -> [CycleAction] = { state, _ in
        state.candidate.map { [.makeRelease($0)] } ?? []
    }
}
