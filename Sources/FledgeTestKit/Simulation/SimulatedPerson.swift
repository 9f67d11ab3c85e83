import FledgeCore

/// Somebody who applies definitions and steers use cases, and who repeats what did not come through.
struct SimulatedPerson: Sendable {
    enum Phase: Sendable {
        case idle
        case apply(SimulatedStore.Definition)
        /// The revision is stored; does a cycle have to be started on it?
        case look(SimulatedStore.Definition, isNew: Bool)
        case start(SimulatedStart, SimulatedStore.Definition)
        case read(cycle: Int, CycleEvent, tries: Int)
        case record(Move, tries: Int)
        case revive(work: Int)
        case moveChampion
    }

    let useCase: Int
    var phase = Phase.idle
    var at: SimulatedStore.Time = 0

    init(useCase: Int) { self.useCase = useCase }

    var isIdle: Bool { if case .idle = phase { true } else { false } }
}

extension SimulatedFleet {
    mutating func act(_ index: Int) throws(Violation) {
        let caller = SimulationStep.Caller.person(index)
        let useCase = people[index].useCase
        var pause = span(5...200)
        switch people[index].phase {
        case .idle:
            people[index].phase = begin(useCase)
            pause = span(100...12_000)
        case .apply(let definition):
            if case .applied(let isNew)? = try call(.apply(useCase: useCase, definition), by: caller) {
                people[index].phase = .look(definition, isNew: isNew)
            }
        case .look(let definition, let isNew):
            people[index].phase = looked(useCase, definition, isNew: isNew)
            if people[index].isIdle { try checker.checkApplied(useCase, in: store) }
        case .start(let start, let definition):
            var isCut = chance(faults.crash)
            let rest = isCut ? nil : try advance(start, by: caller, isCut: &isCut)
            // The command has failed, so it is given again.
            people[index].phase = rest.map { .start($0, definition) } ?? (isCut ? .apply(definition) : .idle)
            if isCut { pause = span(500...20_000) }
            if people[index].isIdle { try checker.checkApplied(useCase, in: store) }
        case .read(let cycle, let event, let tries):
            people[index].phase = move(cycle, by: event).map { .record($0, tries: tries) } ?? .idle
        case .record(let move, let tries):
            let result = try call(.record(move, finishing: nil), by: caller)
            let isAgain = (result == nil || result == .conflict) && tries < 10
            people[index].phase = isAgain ? .read(cycle: move.cycle, move.event, tries: tries + 1) : .idle
        case .revive(let work):
            _ = try call(.revive(work: work), by: caller)
            people[index].phase = .idle
        case .moveChampion:
            _ = try call(.moveChampion(useCase: useCase), by: caller)
            people[index].phase = .idle
        }
        people[index].at = now + pause
    }

    private mutating func begin(_ useCase: Int) -> SimulatedPerson.Phase {
        guard let cycle = store.useCases[useCase].current, random.next(below: 100) >= 12 else {
            definitions += 1
            // Two edits in five ask for no new evidence.
            let evidence = store.useCases[useCase].revisions.last?.evidence
            let isFree = random.next(below: 5) < 2
            return .apply(
                SimulatedStore.Definition(
                    serial: definitions, evidence: isFree ? evidence ?? definitions : definitions,
                    needsApproval: random.next(below: 2) == 0, priority: Int(random.next(below: 3)) * 3))
        }
        if random.next(below: 100) < 5 { return .moveChampion }
        // As `ControlService.retryWork`: a blocked cycle's dead work comes back with a retry of the cycle.
        if store.cycles[cycle].state.block == nil, random.next(below: 3) == 0, let dead = deadNotification(of: cycle) {
            return .revive(work: dead)
        }
        return .read(cycle: cycle, command(for: store.cycles[cycle].state), tries: 0)
    }

    private func deadNotification(of cycle: Int) -> Int? {
        store.work.indices.first {
            store.work[$0].cycle == cycle && store.work[$0].state == .dead && store.actions[$0].kind == .notify
        }
    }

    /// Mostly what makes sense in the state, at times anything.
    private mutating func command(for state: CycleState) -> CycleEvent {
        let draw = random.next(below: 100)
        if draw < 60 {
            if state.isPaused { return .resumed }
            if state.block != nil { return .retried }
            if state.activity == .awaitingApproval { return .approvalGiven }
            if state.activity == .live { return .driftSeen("drift") }
        }
        switch draw % 20 {
        case 0..<7: return .paused
        case 7..<11: return .cancelled
        case 11..<14: return .retried
        case 14..<16: return .resumed
        case 16: return .approvalGiven
        case 17: return .approvalRefused(reason: "no")
        case 18: return .driftSeen("drift")
        default: return .retired
        }
    }

    /// As `ControlService.apply`.
    private func looked(_ useCase: Int, _ definition: SimulatedStore.Definition, isNew: Bool) -> SimulatedPerson.Phase {
        switch store.succession(of: useCase) {
        case .open, .adopt:
            bug == .repeatedApplyIgnored && !isNew ? .idle : .start(SimulatedStart([useCase]), definition)
        case .start: .start(SimulatedStart([useCase]), definition)
        case .wait, .settled: .idle
        }
    }
}
