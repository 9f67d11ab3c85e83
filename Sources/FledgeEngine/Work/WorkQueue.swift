import FledgeCore
import FledgeDocument
import Foundation

/// The durable queue as a worker sees it: work is claimed, kept and ended.
package protocol LeaseQueue: Store {
    /// Claims up to `limit` due pieces of work (queued, or leased past their time) of cycles that are not paused,
    /// at most one piece a cycle at a time, in the order of `WorkPriority`.
    ///
    /// Work whose daemon has ended is claimed one piece at a time, and only where `isIdle` says that the worker has no other:
    /// should it take the next daemon with it as well, nothing else can be to blame.
    ///
    /// Not to be repeated where the answer was lost: what was claimed then comes back when its lease ends.
    func claim(limit: Int, worker: String, lease: Duration, isIdle: Bool) async throws -> [WorkItem]
    /// Whether work waits that is to be done alone, and this worker is to make itself free for it.
    func hasToFreeItself(worker: String) async throws -> Bool
    /// Prolongs a lease.
    ///
    /// - Parameter isProven: whether it has gone on for so long that daemons which ended with it before ended of something else.
    /// - Returns: false when the work was lost, cancelled, or its cycle paused: stop at once.
    func renew(_ lease: WorkLease, for duration: Duration, isProven: Bool) async throws -> Bool
    /// Ends a piece of work that has no transition to record.
    ///
    /// - Throws: `work.lost` where the lease is another's by now: so also the second time.
    func finish(_ lease: WorkLease) async throws
    /// Ends a piece of work that has no transition to record and has used up its attempts: it waits for a person.
    ///
    /// - Throws: `work.lost`, as `finish`.
    func bury(_ lease: WorkLease, because error: FledgeError) async throws
    /// Gives a piece of work back, to be claimed after `delay`; `countsAsAttempt` is false for a shutdown or a pause.
    ///
    /// Nothing happens to work that is another's by now.
    func release(_ lease: WorkLease, after delay: Duration, countsAsAttempt: Bool, error: FledgeError?) async throws
    /// Says that something may be due; a hint, never the truth.
    func hints() async -> AsyncStream<Void>
    /// Says that this daemon is alive.
    func beat(worker: String, host: String, processID: Int32) async throws
}

/// The durable queue.
package protocol WorkQueue: LeaseQueue {
    func enqueue(report: ReportRequest) async throws
    /// Work that is queued and due, leased, or dead.
    func depth() async throws -> (due: Int, leased: Int, dead: Int)
    /// Work in the given states, dead work first, then by age; at most `limit` pieces of each state.
    func work(in states: Set<WorkState>, useCase: String?, limit: Int) async throws -> [WorkView]
    /// - Returns: the piece of work with its cycle, where it has one; nil when there is none.
    func work(_ id: WorkItemID) async throws -> (view: WorkView, cycle: CycleID?)?
    /// Makes dead work due again, with all of its attempts. - Returns: false when it is not dead.
    func revive(_ id: WorkItemID) async throws -> Bool
}

extension LeaseQueue {
    /// A claim by a worker that has nothing else to do.
    package func claim(limit: Int, worker: String, lease: Duration) async throws -> [WorkItem] {
        try await claim(limit: limit, worker: worker, lease: lease, isIdle: true)
    }

    /// A renewal that says nothing of what became of earlier daemons.
    package func renew(_ lease: WorkLease, for duration: Duration) async throws -> Bool {
        try await renew(lease, for: duration, isProven: false)
    }
}

/// Proof that a worker holds a piece of work.
package struct WorkLease: Codable, Hashable, Sendable {
    package var item: WorkItemID
    /// Raised by each claim.
    package var fence: Int64

    package init(item: WorkItemID, fence: Int64) {
        self.item = item
        self.fence = fence
    }
}

/// A claimed piece of work.
package struct WorkItem: Codable, Hashable, Sendable {
    package var lease: WorkLease
    /// What each renewal of the lease asks for.
    package var leaseLength: Duration
    package var kind: CycleAction.Kind
    package var cycle: CycleID?
    /// The action, for a cycle's work.
    package var action: CycleAction?
    /// The report request, for `write-report`.
    package var report: ReportRequest?
    /// Claims so far, this one included. More than `maximumAttempts`: every attempt has ended without a word, and this claim
    /// is there to bury the work, not to try it again.
    package var attempt: Int
    package var maximumAttempts: Int
    /// Daemons that have ended while they worked on it: after the first it is done with nothing beside it, and after the
    /// second this claim is there to bury it.
    package var deaths: Int
    /// Why what is to be done cannot be read: another build wrote it.
    package var unreadable: FledgeError?

    package init(
        lease: WorkLease, leaseLength: Duration, kind: CycleAction.Kind, cycle: CycleID?, action: CycleAction?,
        report: ReportRequest?, attempt: Int, maximumAttempts: Int, deaths: Int = 0, unreadable: FledgeError? = nil
    ) {
        self.lease = lease
        self.leaseLength = leaseLength
        self.kind = kind
        self.cycle = cycle
        self.action = action
        self.report = report
        self.attempt = attempt
        self.maximumAttempts = maximumAttempts
        self.deaths = deaths
        self.unreadable = unreadable
    }
}

extension WorkItem {
    /// So many daemons may end while they work on it.
    package static let mostDeaths = 2
    /// Whether it is done with nothing beside it.
    package var isSuspect: Bool { deaths > 0 }

    /// What ends a daemon does so soon: work that has gone on for this long is no longer suspect.
    package static let provenAfter = Duration.seconds(60)
}

/// A report that is to be written.
package struct ReportRequest: Codable, Hashable, Sendable {
    /// Nil: every use case.
    package var useCase: String?
    package var schedule: ScheduleID?
    /// The slot that fired; nil for a report on demand.
    package var slot: Date?
    package var from: Date?
    package var formats: [ReportFormat]
    package var key: String

    package init(
        useCase: String?, schedule: ScheduleID?, slot: Date?, from: Date?, formats: [ReportFormat], key: String
    ) {
        self.useCase = useCase
        self.schedule = schedule
        self.slot = slot
        self.from = from
        self.formats = formats
        self.key = key
    }
}
