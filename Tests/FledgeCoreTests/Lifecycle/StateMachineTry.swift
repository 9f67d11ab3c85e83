import FledgeCore

/// What came of an event in a state that an edge takes it in.
struct StateMachineTry {
    /// What becomes of the cycle's work.
    let work: String
    /// What changes of the state besides its place.
    let changes: String

    /// Every event of the edge's kind, in every state of the place that the edge's condition holds for.
    static func all(_ edge: CycleMachine.Edge, at place: CycleMachine.Place) -> [StateMachineTry] {
        states(edge.condition, at: place).flatMap { state in
            CycleMachineTests.events.filter { $0.kind == edge.event }.compactMap { event in
                var machine = CycleMachine(state: state, needsApproval: edge.condition == .approvalNeeded)
                guard let work = try? machine.handle(event) else { return nil }
                return StateMachineTry(
                    work: work.map(words).joined(separator: ", "),
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

    private static func words(_ change: WorkChange) -> String {
        switch change {
        case .enqueue(.notify(let message)): "`notify` \(message)"
        case .enqueue(let action): "`\(action.kind.rawValue)`"
        case .cancelOpen: "what is open is cancelled"
        case .cancelDead(nil): "what is dead is given up"
        case .cancelDead(let kind?): "dead `\(kind.rawValue)` is given up"
        case .reviveDead: "what is dead comes back"
        case .pause: "what waits is put aside"
        case .resume: "what was put aside is due"
        }
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
