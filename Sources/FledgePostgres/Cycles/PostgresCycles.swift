import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Logging
import PostgresClient

/// Use cases, revisions, snapshots and cycles.
enum CycleStatement: String, StoredStatement {
    case makeUseCase = "INSERT INTO use_case (name) VALUES ($1) ON CONFLICT (name) DO NOTHING"
    case lockUseCaseNamed = "SELECT id FROM use_case WHERE name = $1 FOR NO KEY UPDATE"
    case lockUseCase = "SELECT id FROM use_case WHERE id = $1 FOR NO KEY UPDATE"
    case useCaseNamed = "SELECT id FROM use_case WHERE name = $1"
    case latestPin = """
        SELECT r.id, r.number, r.sha256, r.snapshot_id, s.sha256 AS snapshot_sha256, r.document
        FROM definition_revision r JOIN dataset_snapshot s ON s.id = r.snapshot_id
        WHERE r.use_case_id = $1 ORDER BY r.number DESC LIMIT 1
        """
    case snapshot = "SELECT id FROM dataset_snapshot WHERE use_case_id = $1 AND sha256 = $2"
    case makeSnapshot = """
        INSERT INTO dataset_snapshot (use_case_id, sha256, source_path, row_count) VALUES ($1, $2, $3, $4) RETURNING id
        """
    case makeRevision = """
        INSERT INTO definition_revision (use_case_id, number, document, source_text, sha256, snapshot_id, applied_by)
        VALUES ($1, $2, $3::jsonb, $4, $5, $6, $7) RETURNING id
        """
    case endSchedules = """
        UPDATE report_schedule SET is_active = false
        WHERE use_case_id = $1 AND is_active AND NOT definition = ANY ($2::text[]::jsonb[])
        """
    // A schedule that was removed and comes back is planned from now on; it does not catch up on the time in between.
    case makeSchedule = """
        INSERT INTO report_schedule AS s (use_case_id, definition) VALUES ($1, $2::jsonb)
        ON CONFLICT (use_case_id, definition)
        DO UPDATE SET is_active = true, next_slot = CASE WHEN s.is_active THEN s.next_slot END
        """
    case latestRevision = """
        SELECT id, number, document, source_text, sha256, applied_at, applied_by, source_verified
        FROM definition_revision WHERE use_case_id = $1 ORDER BY number DESC LIMIT 1
        """
    case models = """
        SELECT DISTINCT named.model FROM use_case u
        CROSS JOIN LATERAL (SELECT document->'useCase'->'models' AS models FROM definition_revision
                            WHERE use_case_id = u.id ORDER BY number DESC LIMIT 1) AS latest
        CROSS JOIN LATERAL jsonb_array_elements(latest.models) AS named (model)
        ORDER BY named.model
        """
    case makeCycle = """
        INSERT INTO cycle (use_case_id, number, revision_id, snapshot_id, stage, activity, state)
        SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6::jsonb FROM cycle WHERE use_case_id = $1
        RETURNING id
        """
    case cycle = """
        SELECT c.id, c.use_case_id, c.number AS cycle_number, c.snapshot_id, s.sha256 AS snapshot_sha256, c.state, c.version,
               r.id AS revision_id, r.number, r.document, r.source_text, r.sha256, r.applied_at, r.applied_by,
               r.source_verified
        FROM cycle c JOIN definition_revision r ON r.id = c.revision_id JOIN dataset_snapshot s ON s.id = c.snapshot_id
        WHERE c.id = $1
        """
    case cyclesOfUseCase = "SELECT id FROM cycle WHERE use_case_id = $1 ORDER BY number"
    case latestCycle = "SELECT id FROM cycle WHERE use_case_id = $1 ORDER BY number DESC LIMIT 1"
    // One at most of a use case, and few altogether: its newest revision is one that its latest cycle has not begun on.
    case waiting = """
        SELECT w.use_case_id, w.number AS newest, c.state, c.ended_at IS NULL AS is_open, r.number AS revision
        FROM waiting_revision w
        CROSS JOIN LATERAL (SELECT state, ended_at, revision_id FROM cycle WHERE use_case_id = w.use_case_id
                            ORDER BY number DESC LIMIT 1) AS c
        JOIN definition_revision r ON r.id = c.revision_id
        ORDER BY w.use_case_id
        """
    // One that grew a newer revision since it was looked at stays.
    case settle = """
        DELETE FROM waiting_revision w USING unnest($1::bigint[], $2::int[]) AS a (use_case, number)
        WHERE w.use_case_id = a.use_case AND w.number = a.number
        """
    case lockLatestCycles = """
        SELECT c.id FROM cycle c
        WHERE c.id = ANY (ARRAY(SELECT DISTINCT ON (l.use_case_id) l.id FROM cycle l WHERE l.use_case_id = ANY ($1::bigint[])
                                ORDER BY l.use_case_id, l.number DESC))
        ORDER BY c.id FOR NO KEY UPDATE OF c
        """
    case examples = """
        SELECT id, row_number, split, group_key, inputs, expected, chosen, rejected, fields FROM example
        WHERE snapshot_id = $1 AND split = $2 ORDER BY row_number
        """
    case labels = """
        SELECT expected FROM (SELECT DISTINCT expected FROM example WHERE snapshot_id = $1) AS label
        ORDER BY expected COLLATE "C"
        """
}

/// Use cases with their revisions and data, their cycles, and the history of these.
package struct PostgresCycles: CycleStore {
    let database: Database
    /// Shared with the queue of work: see `WorkBatch`.
    let writes: GroupCommit<WorkWrite, Void>
    /// Cycles that are asked for at one moment are read together.
    let heads: GroupCommit<CycleQuestion, CycleHead>

    init(database: Database, writes: GroupCommit<WorkWrite, Void>) {
        self.database = database
        self.writes = writes
        let reader = CycleHeads(pool: database.pool)
        heads = GroupCommit(maximumBatch: 512, writers: 2) { await reader.read($0) }
    }

    package func apply(_ submissions: [DefinitionSubmission]) async throws -> [AppliedDefinition] {
        let documents = try submissions.map { try JSONProfile.stored.text(of: $0.document) }
        return try await database.transaction { connection in
            // In one order, whoever applies: else two could wait for each other.
            for name in submissions.map(\.document.useCase.name).sorted() {
                try await connection.change(CycleStatement.makeUseCase, [name])
                // Whoever applies the same use case at the same time waits here, and then finds it unchanged.
                _ = try await connection.rows(CycleStatement.lockUseCaseNamed, [name])
            }
            // Data first, which takes long: the cycles, which transitions wait for, are locked when all of it is there.
            var pending: [(index: Int, revision: PendingRevision)] = []
            var applied: [AppliedDefinition] = []
            for (index, submission) in submissions.enumerated() {
                let revision = try await Self.prepare(submission, connection)
                if !revision.isUnchanged { pending.append((index, revision)) }
                applied.append(
                    AppliedDefinition(
                        useCase: revision.useCase, revision: revision.number, isNew: false, startedCycle: nil))
            }
            // In the order in which transitions lock them.
            _ = try await connection.rows(
                CycleStatement.lockLatestCycles, [pending.map(\.revision.useCase.rawValue)])
            for (index, revision) in pending.sorted(by: { $0.revision.useCase.rawValue < $1.revision.useCase.rawValue })
            {
                applied[index] = try await Self.store(submissions[index], documents[index], revision, connection)
            }
            return applied
        }
    }

    /// A revision that is to be stored, with its data stored already.
    private struct PendingRevision {
        var useCase: UseCaseID
        var number: Int
        /// Of the definition, as it is compared.
        var sha256: Digest
        /// Nil where the latest revision is the same.
        var snapshot: SnapshotID?
        var isUnchanged: Bool { snapshot == nil }
    }

    /// In the caller's transaction, which has locked the use case.
    private static func prepare(
        _ submission: DefinitionSubmission, _ connection: PostgresConnection
    ) async throws -> PendingRevision {
        let definition = submission.document.useCase
        guard let row = try await connection.rows(CycleStatement.useCaseNamed, [definition.name]).first else {
            throw FledgeError.unknownUseCase(definition.name)
        }
        let useCase = try row.get("id", as: UseCaseID.self)
        let sha256 = Digest(of: definition.canonicalJSON)
        var number = 1
        if let latest = try await connection.rows(CycleStatement.latestPin, [useCase]).first {
            let latestNumber = try latest.get("number", as: Int.self)
            let isUnchanged =
                try latest.get("sha256", as: Digest.self) == sha256
                && latest.get("snapshot_sha256", as: Digest.self) == submission.snapshotSHA256
            if isUnchanged { return PendingRevision(useCase: useCase, number: latestNumber, sha256: sha256) }
            number = latestNumber + 1
        }
        let snapshot = try await Self.snapshot(of: submission, useCase: useCase, connection)
        return PendingRevision(useCase: useCase, number: number, sha256: sha256, snapshot: snapshot)
    }

    /// In the caller's transaction, which has locked the use case and its latest cycle.
    private static func store(
        _ submission: DefinitionSubmission, _ document: String, _ pending: PendingRevision,
        _ connection: PostgresConnection
    ) async throws -> AppliedDefinition {
        let definition = submission.document.useCase
        let (useCase, number) = (pending.useCase, pending.number)
        guard let snapshot = pending.snapshot else { throw FledgeError.nothingCameBack }
        let made = try await connection.rows(
            CycleStatement.makeRevision,
            [
                useCase, number, document, submission.sourceText, pending.sha256, snapshot, submission.actor,
            ])
        guard let revision = try made.first?.get("id", as: RevisionID.self) else { throw FledgeError.nothingCameBack }
        try await Self.schedule(definition.reports, useCase: useCase, connection)
        var applied = AppliedDefinition(useCase: useCase, revision: number, isNew: true, startedCycle: nil)
        if let pin = try await CyclePin.locked(useCase, connection),
            CyclePin.succession(to: number, definition: definition, on: snapshot, after: pin) == .adopt
        {
            try await pin.adopt(
                revision, number: number, definition: definition, actor: submission.actor, connection)
            applied.adoptedByCycle = pin.number
        }
        return applied
    }

    private static func snapshot(
        of submission: DefinitionSubmission, useCase: UseCaseID, _ connection: PostgresConnection
    ) async throws -> SnapshotID {
        if let row = try await connection.rows(CycleStatement.snapshot, [useCase, submission.snapshotSHA256]).first {
            return try row.get("id", as: SnapshotID.self)
        }
        let made = try await connection.rows(
            CycleStatement.makeSnapshot,
            [useCase, submission.snapshotSHA256, submission.sourcePath, submission.rows.count])
        guard let id = try made.first?.get("id", as: SnapshotID.self) else { throw FledgeError.nothingCameBack }
        let rows: [[(any PostgresEncodable)?]] = try submission.rows.map { row in
            try Task.checkCancellation()
            return [
                id, row.row, row.split.rawValue, row.group, try JSONProfile.stored.text(of: row.inputs), row.expected,
                row.preference?.chosen, row.preference?.rejected, try JSONProfile.stored.text(of: row.fields),
            ]
        }
        try await connection.copyIn(
            "example",
            columns: [
                "snapshot_id", "row_number", "split", "group_key", "inputs", "expected", "chosen", "rejected", "fields",
            ], rows: rows)
        try await storeSettledLeaks(submission.settled, of: id, connection)
        return id
    }

    private static func schedule(
        _ reports: [ReportScheduleDefinition], useCase: UseCaseID, _ connection: PostgresConnection
    ) async throws {
        let definitions = try reports.map { try JSONProfile.stored.text(of: $0) }
        try await connection.change(CycleStatement.endSchedules, [useCase, definitions])
        for definition in definitions {
            try await connection.change(CycleStatement.makeSchedule, [useCase, definition])
        }
    }

    package func useCase(named name: String) async throws -> UseCaseID? {
        try await database.rows(CycleStatement.useCaseNamed, [name]).first?.get("id", as: UseCaseID.self)
    }

    package func latestRevision(of useCase: UseCaseID) async throws -> Revision? {
        try await database.rows(CycleStatement.latestRevision, [useCase]).first.map {
            try Self.revision(in: $0, id: "id")
        }
    }

    package func revision(_ number: Int, of useCase: UseCaseID) async throws -> Revision? {
        try await database.rows(PinStatement.revisionNumbered, [useCase, number]).first.map {
            try Self.revision(in: $0, id: "id")
        }
    }

    package func models() async throws -> [ModelDefinition] {
        try await database.rows(CycleStatement.models).map { try $0.json("model", as: ModelDefinition.self) }
    }

    package func openCycle(for useCase: UseCaseID, actor: String) async throws -> Cycle {
        let (id, isNew) = try await database.transaction { connection in
            // Two processes that open a cycle at the same time take turns by the lock, and the second is given the
            // cycle of the first.
            _ = try await connection.rows(CycleStatement.lockUseCase, [useCase])
            guard let pin = try await connection.rows(CycleStatement.latestPin, [useCase]).first else {
                throw FledgeError(
                    "use_case.no_revision", "use case \(useCase) has no definition",
                    hint: "apply one: fledge apply FILE")
            }
            let revision = try pin.get("id", as: RevisionID.self)
            let number = try pin.get("number", as: Int.self)
            let definition = try? pin.json("document", as: DefinitionDocument.self).useCase
            let latest = try await CyclePin.locked(useCase, connection)
            let succession = CyclePin.succession(
                to: number, definition: definition, on: try pin.get("snapshot_id", as: SnapshotID.self), after: latest)
            if let latest {
                switch succession {
                case .open(let isSuperseding):
                    if isSuperseding {
                        try await latest.giveWay(to: number, actor: actor, channel: PostgresWork.channel, connection)
                    }
                case .adopt:
                    // A daemon of before has stored it, and left it to wait for a cycle.
                    if let definition {
                        try await latest.adopt(
                            revision, number: number, definition: definition, actor: actor, connection)
                    }
                    return (latest.id, false)
                case .start, .wait, .settled: return (latest.id, false)
                }
            }
            let state = CycleState.new
            let made = try await connection.rows(
                CycleStatement.makeCycle,
                [
                    useCase, revision, try pin.get("snapshot_id", as: SnapshotID.self),
                    state.stage.rawValue, state.activity.rawValue, try JSONProfile.stored.text(of: state),
                ])
            guard let id = try made.first?.get("id", as: CycleID.self) else { throw FledgeError.nothingCameBack }
            return (id, true)
        }
        if isNew {
            database.logger.info(
                "opened a cycle", metadata: ["cycle": "\(id)", "use-case": "\(useCase)", "actor": "\(actor)"])
        }
        return try await cycle(id)
    }

    package func cycles(of useCase: UseCaseID) async throws -> [Cycle] {
        var cycles: [Cycle] = []
        for row in try await database.rows(CycleStatement.cyclesOfUseCase, [useCase]) {
            cycles.append(try await cycle(try row.get("id", as: CycleID.self)))
        }
        return cycles
    }

    package func currentCycle(of useCase: UseCaseID) async throws -> Cycle? {
        guard let row = try await database.rows(CycleStatement.latestCycle, [useCase]).first else { return nil }
        return try await cycle(row.get("id", as: CycleID.self))
    }

    package func cycle(_ id: CycleID) async throws -> Cycle {
        guard let row = try await database.rows(CycleStatement.cycle, [id]).first else {
            throw FledgeError.unknownCycle(id)
        }
        return Cycle(
            id: try row.get("id", as: CycleID.self), useCase: try row.get("use_case_id", as: UseCaseID.self),
            number: try row.get("cycle_number", as: Int.self), revision: try Self.revision(in: row, id: "revision_id"),
            snapshot: try row.get("snapshot_id", as: SnapshotID.self),
            snapshotSHA256: try row.get("snapshot_sha256", as: Digest.self),
            state: try row.json("state", as: CycleState.self), version: try row.get("version", as: Int64.self))
    }

    package func waitingUseCases() async throws -> [UseCaseID] {
        var waiting: [UseCaseID] = []
        var settled: [(useCase: UseCaseID, newest: Int)] = []
        for row in try await database.rows(CycleStatement.waiting) {
            let useCase = try row.get("use_case_id", as: UseCaseID.self)
            let newest = try row.get("newest", as: Int.self)
            // A state that another version wrote, and this one can't read, is that one's to judge.
            guard let state = try? row.json("state", as: CycleState.self) else { continue }
            let latest = Succession.Incumbent(
                state: state, revision: try row.get("revision", as: Int.self),
                isOpen: try row.get("is_open", as: Bool.self))
            // A revision that needs no cycle of its own was adopted when it was stored, or is when its cycle is to be opened.
            let succession = Succession(to: newest, after: latest, hasEvidence: false)
            if succession.isUnasked { waiting.append(useCase) }
            if succession == .settled { settled.append((useCase, newest)) }
        }
        if !settled.isEmpty {
            try await database.change(
                CycleStatement.settle, [settled.map(\.useCase.rawValue), settled.map(\.newest)])
        }
        return waiting
    }

    package func examples(of snapshot: SnapshotID, in split: DatasetSplit) async throws -> [Example] {
        try await database.rows(CycleStatement.examples, [snapshot, split.rawValue]).map { row in
            // There may be a million rows, so they are copied and not inserted one by one.
            try Task.checkCancellation()
            return Example(
                id: try row.get("id", as: ExampleID.self), row: try row.get("row_number", as: Int.self),
                split: try row.choice("split", as: DatasetSplit.self), group: try row.get("group_key", as: String.self),
                inputs: try row.json("inputs", as: [String: String].self),
                expected: try row.get("expected", as: String.self), preference: try Self.preference(in: row),
                fields: try row.json("fields", as: [String: String].self))
        }
    }

    private static func preference(in row: PostgresRow) throws -> Preference? {
        guard let chosen = try row.get("chosen", as: String?.self),
            let rejected = try row.get("rejected", as: String?.self)
        else { return nil }
        return Preference(chosen: chosen, rejected: rejected)
    }

    package func labels(of snapshot: SnapshotID) async throws -> [String] {
        try await database.rows(CycleStatement.labels, [snapshot]).map { try $0.get("expected", as: String.self) }
    }

    private static func revision(in row: PostgresRow, id: String) throws -> Revision {
        Revision(
            id: try row.get(id, as: RevisionID.self), number: try row.get("number", as: Int.self),
            document: try row.json("document", as: DefinitionDocument.self),
            sourceText: try row.get("source_text", as: String.self), sha256: try row.get("sha256", as: Digest.self),
            appliedAt: try row.get("applied_at", as: Date.self), appliedBy: try row.get("applied_by", as: String.self),
            isSourceVerified: try row.get("source_verified", as: Bool.self))
    }
}
