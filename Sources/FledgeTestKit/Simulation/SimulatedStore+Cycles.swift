import FledgeCore

extension SimulatedStore {
    mutating func apply(_ definition: Definition, to useCase: Int) -> StoreResult {
        guard useCases[useCase].revisions.last != definition else { return .applied(isNew: false) }
        useCases[useCase].revisions.append(definition)
        if let current = useCases[useCase].current, succession(of: useCase) == .adopt {
            adopt(definition, by: current)
        }
        return .applied(isNew: true)
    }

    /// What becomes of a use case's newest revision.
    package func succession(of useCase: Int) -> Succession {
        let revision = useCases[useCase].revisions.count
        guard let current = useCases[useCase].current else {
            return Succession(to: revision, after: nil, hasEvidence: false)
        }
        let row = cycles[current]
        let hasEvidence = row.definition.evidence == useCases[useCase].revisions.last?.evidence
        return Succession(
            to: revision, after: .init(state: row.state, revision: row.revision, isOpen: row.isOpen),
            hasEvidence: hasEvidence && bug != .everyEditWaits)
    }

    /// As `CyclePin.adopt`: the cycle has, or gathers, the evidence that the latest revision asks for.
    private mutating func adopt(_ definition: Definition, by cycle: Int) {
        cycles[cycle].revision = useCases[cycles[cycle].useCase].revisions.count
        cycles[cycle].definition = definition
        cycles[cycle].version += 1
        if cycles[cycle].isOpen { note(.revisionAdopted, of: cycle) }
    }

    /// As `PostgresReleases.moveChampion`: which release is meant does not matter here.
    mutating func moveChampion(of useCase: Int) -> Bool {
        guard let current = useCases[useCase].current, cycles[current].state.stage != .retired else { return false }
        cycles[current].version += 1
        note(.championMoved, of: current)
        return true
    }

    /// An entry of the history that leaves the cycle where it stands.
    private mutating func note(_ event: CycleEvent.Kind, of cycle: Int) {
        let row = cycles[cycle]
        let place = CycleMachine.Place(row.state.stage, row.state.activity)
        useCases[row.useCase].history.append(
            Entry(
                sequence: useCases[row.useCase].history.count + 1, cycle: cycle, event: event, from: place, to: place))
    }

    /// As `PostgresCycles.openCycle`.
    mutating func openCycle(of useCase: Int, at now: Time) -> StoreResult {
        let revision = useCases[useCase].revisions.count
        guard let definition = useCases[useCase].revisions.last else { return .conflict }
        if let current = useCases[useCase].current {
            switch succession(of: useCase) {
            case .open(superseding: true): giveWay(current, to: revision, at: now)
            case .open(superseding: false): break
            case .adopt:
                adopt(definition, by: current)
                return .opened(current)
            case .start, .wait, .settled:
                guard bug == .cycleOpenedTwice else { return .opened(current) }
                giveWay(current, to: revision, at: now)
            }
        }
        useCases[useCase].cycles += 1
        useCases[useCase].current = cycles.count
        cycles.append(
            CycleRow(
                useCase: useCase, number: useCases[useCase].cycles, revision: revision, definition: definition,
                opened: definition))
        return .opened(cycles.count - 1)
    }

    /// As `CyclePin.giveWay`.
    private mutating func giveWay(_ cycle: Int, to revision: Int, at now: Time) {
        let row = cycles[cycle]
        cycles[cycle].isOpen = false
        var machine = CycleMachine(state: row.state, needsApproval: row.definition.needsApproval)
        // Only a planted bug ends a cycle that does not give way.
        guard row.isOpen, let changes = try? machine.handle(.superseded(by: revision)) else { return }
        cycles[cycle].version += 1
        if bug != .supersededInSilence { note(.superseded, of: cycle) }
        if bug == .supersededKeepsWork { return }
        for change in changes { apply(change, to: cycle, at: now) }
    }

    /// Use cases that a daemon has to start: a newer revision waits, or the one that opened the cycle died before it started it.
    package func waitingUseCases() -> [Int] {
        useCases.indices.filter { index in
            guard useCases[index].current != nil else { return false }
            let succession = succession(of: index)
            return succession.isUnasked && !(bug == .startForgotten && succession == .start)
        }
    }

    /// As `PostgresCycles.record`: history, state and work in one transaction.
    mutating func record(_ move: Move, finishing hold: Hold?, at now: Time) -> StoreResult {
        let row = cycles[move.cycle]
        guard bug == .versionIgnored || row.version == move.version, row.isOpen else { return .conflict }
        if let hold {
            let isFailure = move.event.failureOfWork != nil
            let isEnded =
                bug == .workNotEnded && move.version % 3 == 2 || end(hold, as: isFailure ? .dead : .done, at: now)
            guard isEnded || bug == .fenceIgnoredByRecord else { return .lost }
        }
        useCases[row.useCase].history.append(
            Entry(
                sequence: useCases[row.useCase].history.count + 1, cycle: move.cycle, event: move.event.kind,
                from: .init(move.from.stage, move.from.activity), to: .init(move.to.stage, move.to.activity)))
        cycles[move.cycle].state = move.to
        cycles[move.cycle].version += 1
        if move.event.kind.endsCycle { cycles[move.cycle].isOpen = false }
        for change in move.changes {
            if case .enqueue = change {
                if bug == .actionDropped, move.version % 5 == 4 { continue }
                if bug == .retryAsksNothing, move.event == .retried { continue }
            }
            apply(change, to: move.cycle, at: now)
        }
        return .done
    }

    /// As the statements of `WorkChangeStatement`.
    private mutating func apply(_ change: WorkChange, to cycle: Int, at now: Time) {
        if case .enqueue(let action) = change {
            let priority = cycles[cycle].definition.priority
            work.append(
                Work(
                    cycle: cycle, priority: priority, runAt: now, turnAt: Self.turn(at: now, priority: priority)))
            actions.append(action)
            return
        }
        for id in work.indices where work[id].cycle == cycle {
            switch (change, work[id].state) {
            case (.cancelOpen, .queued): cancel(id)
            case (.cancelOpen, .leased): if bug != .cancelKeepsLease { cancel(id) }
            case (.cancelDead(let kind), .dead): if kind == nil || kind == actions[id].kind { cancel(id) }
            case (.reviveDead, .dead): requeue(id, at: now)
            case (.pause, .queued):
                work[id].runAt = Self.never
                work[id].turnAt = Self.never
            case (.resume, .queued):
                guard work[id].runAt == Self.never else { continue }
                work[id].runAt = now
                work[id].turnAt = Self.turn(at: now, priority: work[id].priority)
            default: break
            }
        }
    }

    private mutating func cancel(_ id: Int) {
        work[id].state = .cancelled
        work[id].leasedUntil = 0
    }
}
