import FledgeCore
import FledgeDocument
import FledgeEngine
import PostgresClient

/// Which revision a use case's latest cycle is pinned to, and entries of the history that come with other writes.
enum PinStatement: String, StoredStatement {
    // The caller holds the use case's lock, so that no other cycle can be opened and no other revision adopted
    // meanwhile.
    case lock = """
        SELECT c.id, c.number, c.revision_id, c.snapshot_id, c.state, c.version, c.ended_at IS NULL AS is_open,
               r.number AS revision, r.document
        FROM cycle c JOIN definition_revision r ON r.id = c.revision_id
        WHERE c.use_case_id = $1 ORDER BY c.number DESC LIMIT 1 FOR NO KEY UPDATE OF c
        """
    case lockCycle = """
        SELECT c.id, c.number, c.revision_id, c.snapshot_id, c.state, c.version, c.ended_at IS NULL AS is_open,
               r.number AS revision, r.document
        FROM cycle c JOIN definition_revision r ON r.id = c.revision_id WHERE c.id = $1 FOR NO KEY UPDATE OF c
        """
    // Read by a statement of its own after the lock, so that it sees what the former holder of the lock has written.
    case lastEntry = """
        SELECT last.sequence, last.hash,
               (floor(extract(epoch FROM clock_timestamp()) * 1000) * 1000)::bigint AS now_microseconds
        FROM (SELECT $1::bigint AS use_case) AS asked
        LEFT JOIN LATERAL (SELECT t.sequence, t.hash FROM transition t WHERE t.use_case_id = asked.use_case
                           ORDER BY t.sequence DESC LIMIT 1) last ON true
        """
    // A writer that has read an older version of the cycle changes nothing: it reads the new revision and the new end
    // of the history, and tries again.
    case touch = "UPDATE cycle SET version = version + 1 WHERE id = $1"
    case adopt = "UPDATE cycle SET revision_id = $2, version = version + 1 WHERE id = $1"
    case revisionNumbered = """
        SELECT id, number, document, source_text, sha256, applied_at, applied_by, source_verified
        FROM definition_revision WHERE use_case_id = $1 AND number = $2::bigint
        """
    // Lets the scheduler look at the blocked cycle at once, instead of at the beginning of the next period.
    case retryAtOnce = "UPDATE capped_cycle SET retry_at = now() WHERE cycle_id = $1"
}

/// A use case's latest cycle with what it is pinned to, locked until the transaction's end.
struct CyclePin: Sendable {
    var id: CycleID
    var useCase: UseCaseID
    var number: Int
    var revision: RevisionID
    var revisionNumber: Int
    var snapshot: SnapshotID
    var state: CycleState
    var version: Int64
    var isOpen: Bool
    /// Nil where a build of another version wrote it in a form that this one can't read.
    var definition: UseCaseDefinition?

    static func locked(_ useCase: UseCaseID, _ connection: PostgresConnection) async throws -> CyclePin? {
        try await connection.rows(PinStatement.lock, [useCase]).first.map { try CyclePin($0, of: useCase) }
    }

    static func locked(
        cycle: CycleID, of useCase: UseCaseID, _ connection: PostgresConnection
    ) async throws -> CyclePin? {
        try await connection.rows(PinStatement.lockCycle, [cycle]).first.map { try CyclePin($0, of: useCase) }
    }

    private init(_ row: PostgresRow, of useCase: UseCaseID) throws {
        id = try row.get("id", as: CycleID.self)
        self.useCase = useCase
        number = try row.get("number", as: Int.self)
        revision = try row.get("revision_id", as: RevisionID.self)
        revisionNumber = try row.get("revision", as: Int.self)
        snapshot = try row.get("snapshot_id", as: SnapshotID.self)
        state = try row.json("state", as: CycleState.self)
        version = try row.get("version", as: Int64.self)
        isOpen = try row.get("is_open", as: Bool.self)
        definition = try? row.json("document", as: DefinitionDocument.self).useCase
    }

    /// What becomes of the use case's newest revision, which is the one of that number.
    static func succession(
        to revision: Int, definition: UseCaseDefinition?, on snapshot: SnapshotID, after pin: CyclePin?
    ) -> Succession {
        guard let pin else { return Succession(to: revision, after: nil, hasEvidence: false) }
        return Succession(
            to: revision, after: .init(state: pin.state, revision: pin.revisionNumber, isOpen: pin.isOpen),
            hasEvidence: Succession.hasEvidence(
                of: pin.definition, for: definition, isSameData: pin.snapshot == snapshot))
    }

    /// Pins the cycle to the revision, and adds an entry to the history; a cycle that has ended is pinned without an
    /// entry.
    func adopt(
        _ revision: RevisionID, number: Int, definition: UseCaseDefinition, actor: String,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.change(PinStatement.adopt, [id, revision])
        if state.isFreed(from: self.definition?.spend, to: definition.spend) {
            try await connection.change(PinStatement.retryAtOnce, [id])
        }
        guard isOpen, state.stage != .retired else { return }
        let event = CycleEvent.revisionAdopted(
            from: revisionNumber, to: number, needsApproval: definition.production?.approval == .manual)
        try await write(event, actor: actor, connection)
    }

    /// Ends the cycle, which gives way to the revision of that number, with its work, and says so in the history.
    func giveWay(to revision: Int, actor: String, channel: String, _ connection: PostgresConnection) async throws {
        let recorded = try await recorded(.superseded(by: revision), actor: actor, connection)
        try await connection.pipeline(WorkBatch.changes([recorded], channel: channel))
    }

    /// Adds an event that leaves the cycle where it stands to the history.
    ///
    /// - Throws: `cycle.rejected_event` where the machine does not take it.
    func note(_ event: CycleEvent, actor: String, _ connection: PostgresConnection) async throws {
        try await write(event, actor: actor, connection)
        try await connection.change(PinStatement.touch, [id])
    }

    private func write(_ event: CycleEvent, actor: String, _ connection: PostgresConnection) async throws {
        let recorded = try await recorded(event, actor: actor, connection)
        try await connection.pipeline([WorkBatch.entries(of: [recorded])])
    }

    /// The event as the machine takes it, with the entry that the history gets next.
    private func recorded(
        _ event: CycleEvent, actor: String, _ connection: PostgresConnection
    ) async throws -> RecordedTransition {
        let head = CycleHead(
            id: id, useCase: useCase, number: number, state: state, version: version,
            needsApproval: definition?.production?.approval == .manual,
            priority: definition?.priority ?? WorkPriority.range.lowerBound, isOver: !isOpen)
        var machine = CycleMachine(state: state, needsApproval: head.needsApproval, isOver: head.isOver)
        let changes = try machine.handle(event)
        guard let last = try await connection.rows(PinStatement.lastEntry, [useCase]).first else {
            throw FledgeError.nothingCameBack
        }
        let transition = Transition(
            cycle: head, event: event, newState: machine.state, changes: changes, actor: actor)
        return try BatchOutcome.record(transition, index: 0, after: last)
    }
}
