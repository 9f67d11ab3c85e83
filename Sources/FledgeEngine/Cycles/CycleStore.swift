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
    /// That of the same data as it was read before numbers were kept as the file writes them; nil where it is no other.
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

/// What applying a definition did.
package struct AppliedDefinition: Codable, Hashable, Sendable {
    package var useCase: UseCaseID
    package var revision: Int
    /// False when the same document and data were applied already.
    package var isNew: Bool
    /// The cycle that was started; nil when a running cycle keeps the new revision waiting, or nothing changed.
    package var startedCycle: CycleID?
    /// The number of the cycle that the new revision belongs to from now on, because it asks for no other evidence.
    package var adoptedByCycle: Int?

    package init(
        useCase: UseCaseID, revision: Int, isNew: Bool, startedCycle: CycleID?, adoptedByCycle: Int? = nil
    ) {
        self.adoptedByCycle = adoptedByCycle
        self.useCase = useCase
        self.revision = revision
        self.isNew = isNew
        self.startedCycle = startedCycle
    }
}

/// A transition as it is to be recorded, in one transaction with the new state and the work of its actions.
package struct Transition: Sendable {
    package var cycle: CycleHead
    package var event: CycleEvent
    package var newState: CycleState
    package var actions: [CycleAction]
    package var actor: String

    package init(cycle: CycleHead, event: CycleEvent, newState: CycleState, actions: [CycleAction], actor: String) {
        self.cycle = cycle
        self.event = event
        self.newState = newState
        self.actions = actions
        self.actor = actor
    }
}

/// What moves cycles on: they are opened, and their transitions recorded.
package protocol TransitionStore: Sendable {
    /// Opens a cycle on the latest revision, in state `.new`, and ends the one that is open. One that is under way is kept,
    /// and so is one on the latest revision (another may have opened it in the meantime) or with the evidence for it.
    func openCycle(for useCase: UseCaseID, actor: String) async throws -> Cycle
    /// What a transition has to know of a cycle, without its definition; those asked for at one moment are read together.
    func head(of cycle: CycleID) async throws -> CycleHead
    /// Use cases with a cycle to be started: they stand in production or are blocked and have a newer revision waiting, or
    /// whoever opened their cycle was gone before it started it.
    func waitingUseCases() async throws -> [UseCaseID]
    /// Records the transition, the new state (only if `cycle.version` still holds: else `cycle.conflict`), one work item
    /// for each action, cancels open work when the new state is blocked by a person or retired, and, where the work that
    /// led here is given, finishes it under its fencing number (else `work.lost`): all in one transaction. Work that led to
    /// `workFailed` is dead; `retried` brings a cycle's dead work back. Transitions recorded at one moment share a transaction,
    /// in which each is refused or written on its own; one that was committed without our hearing of it is recognised.
    func record(_ transition: Transition, finishing lease: WorkLease?) async throws
}

/// Use cases, revisions, snapshots, cycles and their history.
package protocol CycleStore: TransitionStore {
    /// Stores a revision with its snapshot (both only when new) and its report schedules. Does not start a cycle: one that
    /// has, or gathers, the evidence that the revision asks for is pinned to it.
    func apply(_ submission: DefinitionSubmission) async throws -> AppliedDefinition
    func useCase(named name: String) async throws -> UseCaseID?
    func latestRevision(of useCase: UseCaseID) async throws -> Revision?
    /// The revision of that number; nil where there is none.
    func revision(_ number: Int, of useCase: UseCaseID) async throws -> Revision?
    /// The models that the latest definitions name, each once.
    func models() async throws -> [ModelDefinition]
    /// The latest cycle, open or ended.
    func currentCycle(of useCase: UseCaseID) async throws -> Cycle?
    func cycle(_ id: CycleID) async throws -> Cycle
    /// Every cycle of a use case, oldest first.
    func cycles(of useCase: UseCaseID) async throws -> [Cycle]
    /// Examples of a split in row order.
    func examples(of snapshot: SnapshotID, in split: DatasetSplit) async throws -> [Example]
    /// Rows of a snapshot that were moved or left out because of leaks, in row order.
    func settledLeaks(of snapshot: SnapshotID) async throws -> [ResolvedLeak]
    /// All distinct expected values, sorted: the labels.
    func labels(of snapshot: SnapshotID) async throws -> [String]
    /// The history of a use case, oldest first.
    func history(of useCase: UseCaseID) async throws -> [HistoryEntry]
}

extension CycleStore {
    /// A cycle that is to be worked on. Its definition may have been stored by a version that knew no ranges.
    ///
    /// - Throws: the code of the number, or text, that nothing can be done with; `badData`.
    package func workableCycle(_ id: CycleID) async throws -> Cycle {
        let cycle = try await cycle(id)
        try DefinitionFault.refuse(cycle.revision.document)
        return cycle
    }
}
