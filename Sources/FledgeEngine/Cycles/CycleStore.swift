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
    /// Nil where the row has none.
    package var preference: Preference?
    /// Further fields of the row that slices and paraphrases name.
    package var fields: [String: String]

    package init(
        row: Int, split: DatasetSplit, group: String, inputs: [String: String], expected: String,
        preference: Preference? = nil, fields: [String: String] = [:]
    ) {
        self.row = row
        self.split = split
        self.group = group
        self.inputs = inputs
        self.expected = expected
        self.preference = preference
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
    /// The digest of the same data as older versions read it, which rounded numbers instead of keeping them as the file
    /// writes them; nil where it is the same.
    package var roundedSHA256: Digest?
    package var sourcePath: String
    package var rows: SnapshotRows
    /// Rows that were moved or left out because of leaks.
    package var settled: [ResolvedLeak]

    package init(
        document: DefinitionDocument, sourceText: String, actor: String, snapshotSHA256: Digest,
        roundedSHA256: Digest? = nil, sourcePath: String, rows: SnapshotRows, settled: [ResolvedLeak] = []
    ) {
        self.roundedSHA256 = roundedSHA256
        self.document = document
        self.sourceText = sourceText
        self.actor = actor
        self.snapshotSHA256 = snapshotSHA256
        self.sourcePath = sourcePath
        self.rows = rows
        self.settled = settled
    }
}

/// A transition as it is to be recorded, in one transaction with the new state and what becomes of the cycle's work.
package struct Transition: Sendable {
    package var cycle: CycleHead
    package var event: CycleEvent
    package var newState: CycleState
    /// What the stage machine said of the cycle's work, in the order in which it has to be done.
    package var changes: [WorkChange]
    package var actor: String

    package init(cycle: CycleHead, event: CycleEvent, newState: CycleState, changes: [WorkChange], actor: String) {
        self.cycle = cycle
        self.event = event
        self.newState = newState
        self.changes = changes
        self.actor = actor
    }
}

/// Use cases, revisions, snapshots, cycles and their history.
package protocol CycleStore: Store {
    /// Stores, of each submission, a revision with its snapshot (both only when new) and its report schedules: of all in one
    /// transaction, or of none. Does not start a cycle: where `Succession` says that the latest one adopts a revision, it is
    /// pinned to it.
    ///
    /// - Parameter submissions: of use cases that differ.
    /// - Returns: in the order of the submissions.
    func apply(_ submissions: [DefinitionSubmission]) async throws -> [AppliedDefinition]
    func useCase(named name: String) async throws -> UseCaseID?
    func latestRevision(of useCase: UseCaseID) async throws -> Revision?
    /// The revision of that number; nil where there is none.
    func revision(_ number: Int, of useCase: UseCaseID) async throws -> Revision?
    /// The models that the latest definitions name, each once.
    func models() async throws -> [ModelDefinition]
    /// Opens a cycle on the latest revision, in state `.new`, where `Succession` says so by what is stored at that moment; the
    /// cycle that it supersedes ends in the same transaction, with an entry of the history. Else the latest cycle is kept, and
    /// pinned to the revision where it adopts it: another may have opened it in the meantime.
    func openCycle(for useCase: UseCaseID, actor: String) async throws -> Cycle
    /// The latest cycle, open or ended.
    func currentCycle(of useCase: UseCaseID) async throws -> Cycle?
    func cycle(_ id: CycleID) async throws -> Cycle
    /// What a transition has to know of a cycle, without its definition. Heads that are asked for at the same moment
    /// are read in one statement.
    func head(of cycle: CycleID) async throws -> CycleHead
    /// Every cycle of a use case, oldest first.
    func cycles(of useCase: UseCaseID) async throws -> [Cycle]
    /// Use cases that a daemon has to start by itself (`Succession.isUnasked`): a newer revision waits for a cycle that gives
    /// way, or whoever opened the cycle was gone before it started it.
    func waitingUseCases() async throws -> [UseCaseID]
    /// Examples of a split in row order.
    func examples(of snapshot: SnapshotID, in split: DatasetSplit) async throws -> [Example]
    /// Rows of a snapshot that were moved or left out because of leaks, in row order.
    func settledLeaks(of snapshot: SnapshotID) async throws -> [ResolvedLeak]
    /// All distinct expected values, sorted: the labels.
    func labels(of snapshot: SnapshotID) async throws -> [String]
    /// Records the transition and the new state (only if `cycle.version` still holds: else `cycle.conflict`), does what the
    /// transition's changes say of work, and, where the work that led here is given, ends it under its fencing number (else
    /// `work.lost`): all in one transaction. That work is done, or dead by `CycleEvent.failureOfWork`; a cycle is over by
    /// `CycleEvent.Kind.endsCycle`. Transitions recorded at one moment share a transaction, in which each is refused or written
    /// on its own; one that was committed without our hearing of it is recognised.
    func record(_ transition: Transition, finishing lease: WorkLease?) async throws
    /// The history of a use case, oldest first.
    func history(of useCase: UseCaseID) async throws -> [HistoryEntry]
}

extension CycleStore {
    package func apply(_ submission: DefinitionSubmission) async throws -> AppliedDefinition {
        try await apply([submission])[0]
    }

    /// A cycle that is to be worked on. Its definition may have been stored by a version that knew no ranges.
    ///
    /// - Throws: the code of the number, or text, that nothing can be done with; `badData`.
    package func workableCycle(_ id: CycleID) async throws -> Cycle {
        let cycle = try await cycle(id)
        try DefinitionFault.refuse(cycle.revision.document)
        return cycle
    }
}
