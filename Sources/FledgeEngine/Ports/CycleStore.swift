import FledgeCore
import FledgeDocument
import Foundation

/// A row of a snapshot before it has an identity.
package struct SnapshotRow: Codable, Hashable, Sendable {
    package var row: Int
    package var split: DatasetSplit
    package var group: String
    package var inputs: [String: String]
    package var expected: String
    /// Further fields of the row that slices and paraphrases name.
    package var fields: [String: String]

    package init(
        row: Int, split: DatasetSplit, group: String, inputs: [String: String], expected: String,
        fields: [String: String] = [:]
    ) {
        self.row = row
        self.split = split
        self.group = group
        self.inputs = inputs
        self.expected = expected
        self.fields = fields
    }
}

/// A definition that is to be stored, with the data that it names.
package struct DefinitionSubmission: Sendable {
    package var document: DefinitionDocument
    package var sourceText: String
    package var actor: String
    /// SHA-256 over the data file's bytes and the split.
    package var snapshotSHA256: Digest
    package var sourcePath: String
    package var rows: [SnapshotRow]
    /// Rows that were moved or left out because of leaks.
    package var settled: [SettledLeak]

    package init(
        document: DefinitionDocument, sourceText: String, actor: String, snapshotSHA256: Digest, sourcePath: String,
        rows: [SnapshotRow], settled: [SettledLeak] = []
    ) {
        self.document = document
        self.sourceText = sourceText
        self.actor = actor
        self.snapshotSHA256 = snapshotSHA256
        self.sourcePath = sourcePath
        self.rows = rows
        self.settled = settled
    }
}

/// What applying a definition did.
package struct AppliedDefinition: Codable, Hashable, Sendable {
    package var useCase: UseCaseID
    package var revision: Int
    /// False when the same document and data were applied already.
    package var isNew: Bool
    /// The cycle that was started; nil when a running cycle keeps the new revision waiting, or nothing changed.
    package var startedCycle: CycleID?

    package init(useCase: UseCaseID, revision: Int, isNew: Bool, startedCycle: CycleID?) {
        self.useCase = useCase
        self.revision = revision
        self.isNew = isNew
        self.startedCycle = startedCycle
    }
}

/// A transition as it is to be recorded, in one transaction with the new state and the work of its actions.
package struct Transition: Sendable {
    package var cycle: Cycle
    package var event: CycleEvent
    package var newState: CycleState
    package var actions: [CycleAction]
    package var actor: String

    package init(cycle: Cycle, event: CycleEvent, newState: CycleState, actions: [CycleAction], actor: String) {
        self.cycle = cycle
        self.event = event
        self.newState = newState
        self.actions = actions
        self.actor = actor
    }
}

/// Use cases, revisions, snapshots, cycles and their history.
package protocol CycleStore: Sendable {
    /// Stores a revision with its snapshot (both only when new) and its report schedules. Does not start a cycle.
    func apply(_ submission: DefinitionSubmission) async throws -> AppliedDefinition
    func useCase(named name: String) async throws -> UseCaseID?
    func latestRevision(of useCase: UseCaseID) async throws -> Revision?
    /// Opens a cycle on the latest revision, in state `.new`, and ends the one that is open. One that is under way is kept,
    /// and so is one on the latest revision: another may have opened it in the meantime.
    func openCycle(for useCase: UseCaseID, actor: String) async throws -> Cycle
    /// The latest cycle, open or ended.
    func currentCycle(of useCase: UseCaseID) async throws -> Cycle?
    func cycle(_ id: CycleID) async throws -> Cycle
    /// Every cycle of a use case, oldest first.
    func cycles(of useCase: UseCaseID) async throws -> [Cycle]
    /// Use cases with a cycle to be started: they stand in production or are blocked and have a newer revision waiting, or
    /// whoever opened their cycle was gone before it started it.
    func waitingUseCases() async throws -> [UseCaseID]
    /// Examples of a split in row order.
    func examples(of snapshot: SnapshotID, in split: DatasetSplit) async throws -> [Example]
    /// Rows of a snapshot that were moved or left out because of leaks, in row order.
    func settledLeaks(of snapshot: SnapshotID) async throws -> [SettledLeak]
    /// All distinct expected values, sorted: the labels.
    func labels(of snapshot: SnapshotID) async throws -> [String]
    /// Records the transition, the new state (only if `cycle.version` still holds: else `cycle.conflict`), one work item
    /// for each action, cancels open work when the new state is blocked by a person or retired, and, where the work that
    /// led here is given, finishes it under its fencing number (else `work.lost`): all in one transaction.
    func record(_ transition: Transition, finishing lease: WorkLease?) async throws
    /// The history of a use case, oldest first.
    func history(of useCase: UseCaseID) async throws -> [HistoryEntry]
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
    package var kind: CycleAction.Kind
    package var cycle: CycleID?
    /// The action, for a cycle's work.
    package var action: CycleAction?
    /// The report request, for `write-report`.
    package var report: ReportRequest?
    package var attempt: Int
    package var maximumAttempts: Int

    package init(
        lease: WorkLease, kind: CycleAction.Kind, cycle: CycleID?, action: CycleAction?, report: ReportRequest?,
        attempt: Int, maximumAttempts: Int
    ) {
        self.lease = lease
        self.kind = kind
        self.cycle = cycle
        self.action = action
        self.report = report
        self.attempt = attempt
        self.maximumAttempts = maximumAttempts
    }
}

/// The durable queue.
package protocol WorkQueue: Sendable {
    /// Claims up to `limit` due pieces of work (queued, or leased past their time) of cycles that are not paused,
    /// at most one piece a cycle at a time.
    func claim(limit: Int, worker: String, lease: Duration) async throws -> [WorkItem]
    /// Prolongs a lease. - Returns: false when the work was lost, cancelled, or its cycle paused: stop at once.
    func renew(_ lease: WorkLease, for duration: Duration) async throws -> Bool
    /// Ends a piece of work that has no transition to record.
    func finish(_ lease: WorkLease) async throws
    /// Gives a piece of work back, to be claimed after `delay`; `countsAsAttempt` is false for a shutdown or a pause.
    func release(_ lease: WorkLease, after delay: Duration, countsAsAttempt: Bool, error: FledgeError?) async throws
    func enqueue(report: ReportRequest) async throws
    /// Says that something may be due; a hint, never the truth.
    func hints() async -> AsyncStream<Void>
    /// Work that is queued and due, or leased.
    func depth() async throws -> (due: Int, leased: Int)
    /// Says that this daemon is alive.
    func beat(worker: String, host: String, processID: Int32) async throws
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
