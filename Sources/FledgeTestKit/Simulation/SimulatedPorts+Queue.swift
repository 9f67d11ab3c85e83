import FledgeCore
import FledgeEngine
import Foundation

extension SimulatedPorts: LeaseQueue {
    func claim(limit: Int, worker: String, lease: Duration, isIdle: Bool) async throws -> [WorkItem] {
        guard case .claimed(let claimed) = try await call(.claim(limit: limit, lease: lease.microseconds)) else {
            return []
        }
        fleet.withState { $0.attempts.noteReceived(claimed, by: process) }
        return claimed.map { work in
            WorkItem(
                lease: work.hold.lease, leaseLength: lease, kind: work.action.kind, cycle: CycleID(Int64(work.cycle)),
                action: work.action, report: nil, attempt: fleet.bug == .attemptsUnbounded ? 1 : work.attempt,
                maximumAttempts: SimulatedStore.maximumAttempts)
        }
    }

    /// The model knows no daemons, and so none that have died of a piece of work.
    func hasToFreeItself(worker: String) async throws -> Bool { try read { _ in false } }

    func beat(worker: String, host: String, processID: Int32) async throws { try read { _ in } }

    func renew(_ lease: WorkLease, for duration: Duration, isProven: Bool) async throws -> Bool {
        if fleet.bug == .heartbeatSlow { try await process.sleep(for: 2 * duration.microseconds) }
        guard fleet.bug == .lostLeaseGoesOn else {
            return try await call(.renew(Hold(lease), lease: duration.microseconds)) == .held(true)
        }
        _ = try? await call(.renew(Hold(lease), lease: duration.microseconds))
        return true
    }

    func finish(_ lease: WorkLease) async throws { try await end(.finish(Hold(lease))) }

    func bury(_ lease: WorkLease, because error: FledgeError) async throws {
        let hold = Hold(lease)
        if fleet.bug == .notificationBlocks, fleet.withState({ $0.store.actions[hold.work].kind == .notify }) {
            let cycle = fleet.withState { $0.store.work[hold.work].cycle }
            let event = CycleEvent.workFailed(code: error.code.rawValue, message: error.message)
            if let move = fleet.move(cycle, by: event) { return try await end(.record(move, finishing: hold)) }
        }
        try await end(.bury(hold))
    }

    func release(_ lease: WorkLease, after delay: Duration, countsAsAttempt: Bool, error: FledgeError?) async throws {
        let hold = Hold(lease)
        let countsAsAttempt = countsAsAttempt || (fleet.bug == .progressForgotten && error != nil)
        if fleet.bug == .stoppedForgotten, !countsAsAttempt, error == nil { return }
        do {
            try await end(.release(hold, after: delay.microseconds, countsAsAttempt: countsAsAttempt))
        } catch let failure as FledgeError where fleet.bug == .failedReleaseDrops && failure.code != .workLost {
            try await end(.finish(hold))
        }
    }

    /// - Throws: `work.lost`
    private func end(_ operation: StoreOperation) async throws {
        if try await call(operation) == .lost { throw FledgeError(.workLost, "another has the work") }
    }

    func hints() async -> AsyncStream<Void> {
        let hints = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        if case .daemon(let index) = caller {
            fleet.withState { state in
                if state.daemons[index].process === process { state.daemons[index].hints = hints.continuation }
            }
        }
        return hints.stream
    }
}

extension SimulatedPorts: ScheduleStore, CapStore {
    /// The stories' time began in 2030.
    static func date(_ time: Time) -> Date { Date(timeIntervalSince1970: 1_893_456_000 + Double(time) / 1e6) }

    func clock() async throws -> Date {
        let now = fleet.now
        return try read { _ in Self.date(now) }
    }

    func dueSchedules(now: Date) async throws -> [DueSchedule] {
        let due = try read { $0.schedules.due(at: now) }
        if !due.isEmpty { try await process.sleep(for: fleet.scheduler.span(0...40)) }
        return due
    }

    func unplannedSchedules() async throws -> [DueSchedule] { try read { $0.schedules.unplanned } }

    func plan(_ schedule: ScheduleID, nextSlot: Date) async throws {
        try read { $0.schedules.plan(schedule, nextSlot: nextSlot) }
    }

    func fire(_ schedule: DueSchedule, slot: Date, nextSlot: Date, request: ReportRequest) async throws -> Bool {
        let isFired = try read {
            fleet.bug == .slotFiredTwice
                ? $0.schedules.fireUnchecked(schedule, slot: slot, nextSlot: nextSlot)
                : $0.schedules.fire(schedule, slot: slot, nextSlot: nextSlot)
        }
        if isFired { fleet.note("\(caller) fires the slot \(slot) of schedule \(schedule.id)") }
        return isFired
    }

    /// The model knows no money.
    func cyclesPastCap(at moment: Date) async throws -> [CycleID] { try read { _ in [] } }
}
