import FledgeCore

extension SimulatedStore {
    /// As `WorkStatement.claim`.
    mutating func claim(limit: Int, lease: Int64, at now: Time) -> [Claimed] {
        guard limit > 0 else { return [] }
        var expired: [Int] = []
        var due: [Int] = []
        for (id, item) in work.enumerated() {
            guard item.isOpen, bug == .pauseIgnoredByClaim || !cycles[item.cycle].state.isPaused else { continue }
            if item.state == .leased {
                let isTaken = bug == .leaseIgnoredByClaim ? item.leasedUntil < now + lease / 2 : item.leasedUntil < now
                if isTaken, bug != .expiredForgotten { expired.append(id) }
            } else if item.turnAt <= now, item.runAt <= now, isNext(id, at: now) {
                due.append(id)
            }
        }
        expired.sort { (work[$0].leasedUntil, $0) < (work[$1].leasedUntil, $1) }
        due.sort { (work[$0].turnAt, $0) < (work[$1].turnAt, $1) }
        var chosen = Array((expired.prefix(limit) + due.prefix(limit)).prefix(limit))
        for id in chosen {
            work[id].state = .leased
            work[id].attempts += 1
            work[id].fence += 1
            work[id].leasedUntil = now + lease
        }
        chosen.sort { (work[$0].turnAt, $0) < (work[$1].turnAt, $1) }
        return chosen.map {
            Claimed(
                hold: Hold(work: $0, fence: work[$0].fence), cycle: work[$0].cycle, action: actions[$0],
                attempt: work[$0].attempts)
        }
    }

    /// Work of a cycle goes in the order in which it was asked for, and one piece at a time.
    private func isNext(_ id: Int, at now: Time) -> Bool {
        if bug == .cycleLeasedTwice { return true }
        let cycle = work[id].cycle
        for (other, item) in work.enumerated() where item.cycle == cycle {
            if item.state == .leased { return false }
            if item.state == .queued, item.runAt <= now, other < id { return false }
        }
        return true
    }

    private func isHeld(_ hold: Hold) -> Bool {
        work[hold.work].state == .leased && work[hold.work].fence == hold.fence
    }

    mutating func renew(_ hold: Hold, for lease: Int64, at now: Time) -> Bool {
        guard isHeld(hold), !cycles[work[hold.work].cycle].state.isPaused else { return false }
        work[hold.work].leasedUntil = now + lease
        return true
    }

    /// As `WorkStatement.end`.
    mutating func end(_ hold: Hold, as state: Work.State, at now: Time) -> Bool {
        guard isHeld(hold) || (bug == .fenceIgnoredByFinish && work[hold.work].state == .leased) else { return false }
        work[hold.work].state = state
        work[hold.work].leasedUntil = 0
        for id in work.indices
        where work[id].cycle == work[hold.work].cycle && work[id].state == .queued && work[id].runAt <= now {
            work[id].turnAt = Self.turn(at: now, priority: work[id].priority)
        }
        return true
    }

    /// As `WorkStatement.giveBack`: work that was lost meanwhile is given back already.
    mutating func release(_ hold: Hold, after delay: Int64, countsAsAttempt: Bool, at now: Time) -> StoreResult {
        guard isHeld(hold) || (bug == .fenceIgnoredByRelease && work[hold.work].state == .leased) else { return .done }
        work[hold.work].state = .queued
        work[hold.work].leasedUntil = 0
        work[hold.work].runAt = now + delay
        work[hold.work].turnAt = Self.turn(at: now + delay, priority: work[hold.work].priority)
        if !countsAsAttempt { work[hold.work].attempts = max(0, work[hold.work].attempts - 1) }
        return .done
    }

    /// As `WorkViewStatement.revive`.
    mutating func revive(_ id: Int, at now: Time) -> Bool {
        guard work[id].state == .dead else { return false }
        requeue(id, at: now)
        return true
    }

    mutating func requeue(_ id: Int, at now: Time) {
        work[id].state = .queued
        work[id].attempts = 0
        work[id].runAt = now
        work[id].turnAt = Self.turn(at: now, priority: work[id].priority)
    }

    // MARK: Training jobs

    mutating func openJob(_ intent: Intent) -> StoreResult {
        if let known = jobs[intent] { return .job(external: known) }
        jobs[intent] = .some(nil)
        return .job(external: nil)
    }

    mutating func recordSubmission(_ intent: Intent, _ external: Int) -> StoreResult {
        jobs[intent] = external
        return .done
    }
}
