import FledgeCore

extension SimulatedStore {
    mutating func apply(_ definition: Definition, to useCase: Int) -> StoreResult {
        guard useCases[useCase].revisions.last != definition else { return .applied(isNew: false) }
        useCases[useCase].revisions.append(definition)
        if let current = useCases[useCase].current, cycles[current].definition.evidence == definition.evidence,
            bug != .everyEditWaits
        {
            adopt(definition, by: current)
        }
        return .applied(isNew: true)
    }

    /// As `CyclePin.adopt`: the cycle has, or gathers, the evidence that the latest revision asks for.
    private mutating func adopt(_ definition: Definition, by cycle: Int) {
        cycles[cycle].revision = useCases[cycles[cycle].useCase].revisions.count
        cycles[cycle].definition = definition
        cycles[cycle].version += 1
        if cycles[cycle].isOpen { note(.revisionAdopted, of: cycle) }
    }

    /// As `PostgresStore.moveChampion`: which release is meant does not matter here.
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

    /// Opens a cycle on the latest revision, unless the one that is open has not arrived or is on that revision already.
    mutating func openCycle(of useCase: Int, at now: Time) -> StoreResult {
        let revision = useCases[useCase].revisions.count
        guard let definition = useCases[useCase].revisions.last else { return .conflict }
        if let current = useCases[useCase].current {
            let row = cycles[current]
            let isKept = row.revision == revision || (row.isOpen && !row.state.hasArrived && row.state != .new)
            if isKept, bug != .cycleOpenedTwice { return .opened(current) }
            if row.isOpen {
                cycles[current].isOpen = false
                cycles[current].version += 1
                cancel(current, [.queued, .leased, .dead])
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

    /// Use cases that a daemon has to start: a newer revision waits, or the one that opened the cycle died before it started.
    package func waitingUseCases() -> [Int] {
        useCases.indices.filter { index in
            guard let current = useCases[index].current, cycles[current].isOpen else { return false }
            let row = cycles[current]
            if row.state == .new { return bug != .startForgotten }
            return (row.state.block != nil || row.state.stage == .production)
                && row.revision < useCases[index].revisions.count
        }
    }

    /// As `PostgresStore.record`: history, state and work in one transaction.
    mutating func record(_ move: Move, finishing hold: Hold?, at now: Time) -> StoreResult {
        let row = cycles[move.cycle]
        guard bug == .versionIgnored || row.version == move.version, row.isOpen else { return .conflict }
        if let hold {
            var isFailure = false
            if case .workFailed = move.event { isFailure = true }
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
        if move.to.stage == .retired { cycles[move.cycle].isOpen = false }
        if move.to.isPaused != row.state.isPaused { park(move.cycle, isPaused: move.to.isPaused, at: now) }
        changeWork(for: move, priority: row.definition.priority, at: now)
        return .done
    }

    private mutating func changeWork(for move: Move, priority: Int, at now: Time) {
        let isRetired = move.to.stage == .retired
        if isRetired || move.to.block?.code == CycleState.Block.cancelled || move.event == .retried {
            cancel(move.cycle, bug == .cancelKeepsLease ? [.queued] : [.queued, .leased])
        }
        if isRetired { cancel(move.cycle, [.dead]) }
        if move.event == .retried {
            let kinds = move.actions.map(\.kind)
            for id in work.indices where work[id].cycle == move.cycle && work[id].state == .dead {
                if kinds.contains(actions[id].kind) {
                    work[id].state = .cancelled
                } else {
                    requeue(id, at: now)
                }
            }
            if bug == .retryAsksNothing { return }
        }
        if bug == .actionDropped, move.version % 5 == 4 { return }
        for action in move.actions {
            work.append(
                Work(
                    cycle: move.cycle, priority: priority, runAt: now, turnAt: Self.turn(at: now, priority: priority)))
            actions.append(action)
        }
    }

    private mutating func cancel(_ cycle: Int, _ states: [Work.State]) {
        for id in work.indices where work[id].cycle == cycle && states.contains(work[id].state) {
            work[id].state = .cancelled
            work[id].leasedUntil = 0
        }
    }

    /// As the trigger `park_work`: a paused cycle's waiting work is out of the claims' sight.
    private mutating func park(_ cycle: Int, isPaused: Bool, at now: Time) {
        for id in work.indices where work[id].cycle == cycle && work[id].state == .queued {
            if isPaused {
                work[id].runAt = Self.never
                work[id].turnAt = Self.never
            } else if work[id].runAt == Self.never {
                work[id].runAt = now
                work[id].turnAt = Self.turn(at: now, priority: work[id].priority)
            }
        }
    }
}
