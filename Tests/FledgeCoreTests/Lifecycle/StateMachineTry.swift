import FledgeCore

/// What came of an event in a state that an edge takes it in.
struct StateMachineTry {
    /// The work that it starts.
    let work: String
    /// What changes of the state besides its place.
    let changes: String

    /// Every event of the edge's kind, in every state of the place that the edge's condition holds for.
    static func all(_ edge: CycleMachine.Edge, at place: CycleMachine.Place) -> [StateMachineTry] {
        states(edge.condition, at: place).flatMap { state in
            CycleMachineTests.events.filter { $0.kind == edge.event }.compactMap { event in
                var machine = CycleMachine(state: state, needsApproval: edge.condition == .approvalNeeded)
                guard let actions = try? machine.handle(event) else { return nil }
                return StateMachineTry(
                    work: actions.map(words).joined(separator: ", "),
                    changes: changes(from: state, to: machine.state, by: event).joined(separator: ", "))
            }
        }
    }

    private static func states(_ condition: CycleMachine.Condition, at place: CycleMachine.Place) -> [CycleState] {
        let state = CycleState(
            stage: place.stage, activity: place.activity, round: 3, looks: 2, trainings: 4,
            candidate: Digest(of: "earlier candidate"), isPaused: condition == .paused)
        let blocked = ["work.failed", CycleState.Block.unknownJob].map { code in
            var blocked = state
            blocked.block = .init(code: code, message: "m")
            return blocked
        }
        return switch condition {
        case .blocked: blocked
        case .always: [state] + blocked
        case .unblocked, .running, .paused, .approvalNeeded, .approvalSpared: [state]
        }
    }

    private static func words(_ action: CycleAction) -> String {
        if case .notify(let message) = action { return "`notify` \(message)" }
        return "`\(action.kind.rawValue)`"
    }

    private static func changes(from old: CycleState, to new: CycleState, by event: CycleEvent) -> [String] {
        func count(_ name: String, _ path: KeyPath<CycleState, Int>) -> String? {
            switch new[keyPath: path] {
            case old[keyPath: path]: nil
            case old[keyPath: path] + 1: "\(name) + 1"
            case let value: "\(name) = \(value)"
            }
        }
        var changes = [count("round", \.round), count("looks", \.looks), count("trainings", \.trainings)]
            .compactMap(\.self)
        if new.candidate != old.candidate { changes.append(new.candidate == nil ? "no candidate" : "the candidate") }
        if new.isPaused != old.isPaused { changes.append(new.isPaused ? "paused" : "no longer paused") }
        switch (old.block, new.block) {
        case (nil, let block?): changes.append("blocked with \(codeWords(block.code, of: event))")
        case (_?, nil): changes.append("no longer blocked")
        default: break
        }
        return changes
    }

    private static func codeWords(_ code: String, of event: CycleEvent) -> String {
        switch event {
        case .workFailed(code, _), .trainingFailed(code, _): "its code"
        default: "`\(code)`"
        }
    }
}
