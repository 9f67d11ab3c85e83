import FledgeCore

extension SimulationChecker {
    /// Whether the operation may take the row from what it was to what it is.
    func checkChange(
        of id: Int, by operation: StoreOperation, from old: SimulatedStore.Work, to new: SimulatedStore.Work,
        in store: SimulatedStore, at now: SimulatedStore.Time
    ) throws(Violation) {
        switch operation {
        case .claim(_, let lease): try checkClaim(of: id, from: old, to: new, lease: lease, in: store, at: now)
        case .renew(let hold, let lease):
            var expected = old
            expected.leasedUntil = now + lease
            try expect(
                isOwn(hold, id, old) && new == expected && !store.cycles[old.cycle].state.isPaused, .fenceHolds,
                "work \(id) was renewed for a worker that does not have it")
        case .finish(let hold): try checkEnd(of: id, by: hold, as: .done, from: old, to: new)
        case .bury(let hold): try checkEnd(of: id, by: hold, as: .dead, from: old, to: new)
        case .release(let hold, let delay, let countsAsAttempt):
            let attempts = countsAsAttempt ? old.attempts : max(0, old.attempts - 1)
            try expect(
                isOwn(hold, id, old) && new.state == .queued && new.fence == old.fence && new.attempts == attempts
                    && new.runAt == now + delay, .fenceHolds,
                "work \(id) was given back by a worker that does not have it")
        case .record(let move, let hold): try checkRecord(move, hold, id, from: old, to: new)
        case .openCycle(let useCase):
            try expect(
                store.cycles[old.cycle].useCase == useCase && !store.cycles[old.cycle].isOpen && new.state == .cancelled
                    && old.state != .done, .workFollowsHistory, "the opening of a cycle changed work \(id)")
        case .revive(let work):
            try expect(
                work == id && old.state == .dead && new.state == .queued && new.fence == old.fence,
                .workFollowsHistory, "work \(id) was asked for again and is not dead")
        case .apply, .moveChampion, .openJob, .recordSubmission:
            try expect(false, .workFollowsHistory, "\(operation) changed work \(id)")
        }
    }

    private func isOwn(_ hold: Hold, _ id: Int, _ old: SimulatedStore.Work) -> Bool {
        hold.work == id && old.state == .leased && hold.fence == old.fence
    }

    private func expect(_ isSo: Bool, _ promise: Promise, _ what: @autoclosure () -> String) throws(Violation) {
        if !isSo { throw Violation(promise: promise, what: what()) }
    }

    private func checkClaim(
        of id: Int, from old: SimulatedStore.Work, to new: SimulatedStore.Work, lease: Int64, in store: SimulatedStore,
        at now: SimulatedStore.Time
    ) throws(Violation) {
        let cycle = store.cycles[old.cycle]
        try expect(
            !cycle.state.isPaused && cycle.isOpen, .leaseHolds, "work \(id) of a paused or ended cycle was claimed")
        switch old.state {
        case .queued:
            try expect(old.runAt <= now && old.turnAt <= now, .leaseHolds, "work \(id) was claimed before its time")
        case .leased:
            try expect(old.leasedUntil < now, .leaseHolds, "work \(id) was taken while its lease held")
        case .done, .dead, .cancelled: try expect(false, .workFollowsHistory, "ended work \(id) was claimed")
        }
        try expect(
            new.state == .leased && new.fence == old.fence + 1 && new.attempts == old.attempts + 1
                && new.leasedUntil == now + lease, .fenceHolds, "the claim of work \(id) left its fence")
        // One more than are tried: the last is only to be told that there were too many.
        try expect(
            new.attempts <= SimulatedStore.maximumAttempts + Self.attemptsToBury, .attemptsBounded,
            "work \(id) is tried a \(new.attempts)th time")
    }

    /// A worker that is to bury exhausted work may be killed at it too.
    private static let attemptsToBury = 15

    private func checkEnd(
        of id: Int, by hold: Hold, as state: SimulatedStore.Work.State, from old: SimulatedStore.Work,
        to new: SimulatedStore.Work
    ) throws(Violation) {
        if hold.work == id {
            try expect(
                isOwn(hold, id, old) && new.state == state, .fenceHolds,
                "work \(id) was ended by a worker that has lost it")
        } else {
            try checkPassing(of: id, after: hold, from: old, to: new)
        }
    }

    /// What waits behind ended work gets another turn, and nothing else.
    private func checkPassing(
        of id: Int, after hold: Hold, from old: SimulatedStore.Work, to new: SimulatedStore.Work
    ) throws(Violation) {
        var expected = old
        expected.turnAt = new.turnAt
        try expect(
            new == expected && old.state == .queued, .workFollowsHistory,
            "the end of work \(hold.work) changed work \(id)")
    }

    private func checkRecord(
        _ move: Move, _ hold: Hold?, _ id: Int, from old: SimulatedStore.Work, to new: SimulatedStore.Work
    ) throws(Violation) {
        try expect(old.cycle == move.cycle, .workFollowsHistory, "\(move.event) changed work \(id) of another cycle")
        if let hold, hold.work == id {
            let isDead = if case .workFailed = move.event { true } else { false }
            return try expect(
                isOwn(hold, id, old) && new.state == (isDead ? .dead : .done), .fenceHolds,
                "work \(id) was ended by a worker that has lost it")
        }
        let isCancelling = move.event == .retried || move.event == .retired || move.event == .cancelled
        switch (old.state, new.state) {
        case (.queued, .cancelled), (.leased, .cancelled):
            try expect(isCancelling, .workFollowsHistory, "\(move.event.kind.rawValue) cancelled work \(id)")
        case (.dead, .cancelled), (.dead, .queued):
            try expect(
                move.event == .retried || move.event == .retired, .workFollowsHistory,
                "\(move.event.kind.rawValue) brought dead work \(id) back")
        case (.queued, .queued):
            try expect(
                old.fence == new.fence && old.attempts == new.attempts, .workFollowsHistory,
                "\(move.event.kind.rawValue) changed waiting work \(id)")
        default:
            try expect(
                false, .workFollowsHistory,
                "\(move.event.kind.rawValue) took work \(id) from \(old.state) to \(new.state)")
        }
    }

    /// Nothing is left of a cycle that has given way to a newer revision but its entry.
    func checkGivenWay(_ cycle: Int, in store: SimulatedStore) throws(Violation) {
        for (id, item) in store.work.enumerated() where item.cycle == cycle {
            try expect(
                !item.isOpen && item.state != .dead, .supersededLeavesNoWork,
                "work \(id) of cycle \(cycle), which has given way, is \(item.state)")
        }
        let history = store.useCases[store.cycles[cycle].useCase].history
        try expect(
            history.contains { $0.cycle == cycle && $0.event == .superseded }, .supersededLeavesNoWork,
            "cycle \(cycle) has given way without an entry")
    }

    /// What `apply`, `moveChampion` and `openCycle` may do to a cycle: leave it where it stands, with a new version and a word
    /// of the history.
    func checkNote(
        _ event: CycleEvent.Kind, of cycle: Int, after state: CycleState, version: Int64, in store: SimulatedStore
    ) throws(Violation) {
        let row = store.cycles[cycle]
        try expect(
            row.version == version + 1 && row.state == state, .linearHistory,
            "\(event.rawValue) moved cycle \(cycle)")
        guard row.isOpen || event.endsCycle else { return }
        let place = CycleMachine.Place(state.stage, state.activity)
        let entry = store.useCases[row.useCase].history.last
        try expect(
            entry?.event == event && entry?.cycle == cycle && entry?.from == place && entry?.to == place,
            .linearHistory,
            "\(event.rawValue) of cycle \(cycle) is not in the history")
    }
}
