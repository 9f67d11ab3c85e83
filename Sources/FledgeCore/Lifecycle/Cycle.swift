import FledgeDocument
import Foundation

/// One passage of a use case through the stages, pinned to one definition revision and one snapshot.
package struct Cycle: Sendable, Hashable {
    package var id: CycleID
    package var useCase: UseCaseID
    package var number: Int
    package var revision: Revision
    package var snapshot: SnapshotID
    package var snapshotSHA256: Digest
    package var state: CycleState
    /// Raised by each transition: a writer that saw an older one changes nothing.
    package var version: Int64

    package init(
        id: CycleID, useCase: UseCaseID, number: Int, revision: Revision, snapshot: SnapshotID, snapshotSHA256: Digest,
        state: CycleState, version: Int64
    ) {
        self.id = id
        self.useCase = useCase
        self.number = number
        self.revision = revision
        self.snapshot = snapshot
        self.snapshotSHA256 = snapshotSHA256
        self.state = state
        self.version = version
    }

    package var definition: UseCaseDefinition { revision.document.useCase }
}

/// A stored, immutable definition.
package struct Revision: Codable, Sendable, Hashable {
    package var id: RevisionID
    package var number: Int
    package var document: DefinitionDocument
    package var sourceText: String
    package var sha256: Digest
    package var appliedAt: Date
    package var appliedBy: String
    /// Whether whoever stored the source text has compiled it to the document. Else it is what a client sent beside it, and may
    /// say something else.
    package var isSourceVerified: Bool

    package init(
        id: RevisionID, number: Int, document: DefinitionDocument, sourceText: String, sha256: Digest, appliedAt: Date,
        appliedBy: String, isSourceVerified: Bool
    ) {
        self.isSourceVerified = isSourceVerified
        self.id = id
        self.number = number
        self.document = document
        self.sourceText = sourceText
        self.sha256 = sha256
        self.appliedAt = appliedAt
        self.appliedBy = appliedBy
    }
}
