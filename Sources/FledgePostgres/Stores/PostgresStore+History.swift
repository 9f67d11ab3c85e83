import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import PostgresClient

/// The append-only history and what is written together with it.
enum HistoryStatement: String, StoredStatement {
    // The history keeps whole milliseconds, so that a hash can be computed again from any form that it is exported in.
    case lockCycle = """
        SELECT version, ended_at IS NULL AS is_open,
               (floor(extract(epoch FROM clock_timestamp()) * 1000) * 1000)::bigint AS now_microseconds
        FROM cycle WHERE id = $1 FOR UPDATE
        """
    case finishWork = """
        UPDATE work_item SET state = 'done', leased_until = NULL, finished_at = now()
        WHERE id = $1 AND fence = $2 AND state = 'leased'
        """
    case lastTransition = """
        SELECT sequence, hash FROM transition WHERE use_case_id = $1 ORDER BY sequence DESC LIMIT 1
        """
    case addTransition = """
        INSERT INTO transition (use_case_id, cycle_id, sequence, event, from_stage, from_activity, to_stage, to_activity,
                                actor, evidence, at, previous_hash, hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
                timestamptz 'epoch' + $11::bigint * interval '1 microsecond', $12, $13)
        """
    case moveCycle = """
        UPDATE cycle SET state = $2::jsonb, stage = $3, activity = $4, is_paused = $5, block_code = $6,
               version = version + 1, updated_at = now(), ended_at = CASE WHEN $3 = 'retired' THEN now() END
        WHERE id = $1
        """
    case addWork = """
        INSERT INTO work_item (cycle_id, kind, payload)
        SELECT $1, a.kind, a.payload::jsonb FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS a (kind, payload, place)
        ORDER BY a.place
        """
    case hint = "SELECT pg_notify($1, '')"
    case isRecorded = "SELECT id FROM transition WHERE hash = $1 AND cycle_id = $2"
    case history = """
        SELECT t.sequence, c.number AS cycle, t.at, t.event, t.from_stage, t.from_activity, t.to_stage, t.to_activity,
               t.actor, t.evidence, t.previous_hash, t.hash
        FROM transition t JOIN cycle c ON c.id = t.cycle_id WHERE t.use_case_id = $1 ORDER BY t.sequence
        """
}

extension PostgresStore {
    package func record(_ transition: Transition, finishing lease: WorkLease?) async throws {
        do {
            try await write(transition, finishing: lease)
        } catch let lost as AmbiguousRecord {
            // The connection was lost around COMMIT: the hash tells whether it is in the history.
            let found = try await rows(HistoryStatement.isRecorded, [lost.hash, transition.cycle.id])
            if found.isEmpty { try await write(transition, finishing: lease) }
        }
    }

    private struct AmbiguousRecord: Error {
        let hash: String
    }

    private func write(_ transition: Transition, finishing lease: WorkLease?) async throws {
        try await repeating {
            var hash: String?
            do {
                try await pool.withTransaction { connection in
                    let entry = try await Self.nextEntry(for: transition, finishing: lease, connection)
                    hash = entry.hash
                    try await connection.pipeline(Self.changes(of: transition, entry: entry))
                }
            } catch let error as PostgresError where error.code == .commitUnknown {
                guard let hash else { throw error }
                throw AmbiguousRecord(hash: hash)
            }
        }
    }

    /// Locks the cycle, ends the work that led here, and says what the history's next entry is.
    private static func nextEntry(
        for transition: Transition, finishing lease: WorkLease?, _ connection: PostgresConnection
    ) async throws -> HistoryEntry {
        let cycle = transition.cycle
        guard let row = try await connection.rows(HistoryStatement.lockCycle, [cycle.id]).first,
            try row.get("version", as: Int64.self) == cycle.version, try row.get("is_open", as: Bool.self)
        else {
            throw FledgeError(
                "cycle.conflict", "cycle \(cycle.number) has moved on since it was read",
                hint: "look again, then repeat",
                exitCode: .tryAgain)
        }
        if let lease, try await connection.change(HistoryStatement.finishWork, [lease.item, lease.fence]) == 0 {
            throw Self.lost(lease)
        }
        let last = try await connection.rows(HistoryStatement.lastTransition, [cycle.useCase]).first
        let microseconds = try row.get("now_microseconds", as: Int64.self)
        var entry = HistoryEntry(
            sequence: try (last?.get("sequence", as: Int.self) ?? 0) + 1, cycle: cycle.number,
            at: Date(timeIntervalSince1970: Double(microseconds) / 1_000_000), event: transition.event.kind.rawValue,
            fromStage: cycle.state.stage, fromActivity: cycle.state.activity, toStage: transition.newState.stage,
            toActivity: transition.newState.activity, actor: transition.actor.storable,
            evidence: CanonicalJSON.text(of: transition.event).storable,
            previousHash: try last?.get("hash", as: String.self) ?? TransitionHash.origin, hash: "")
        entry.hash = TransitionHash.hash(of: entry).rawValue
        return entry
    }

    /// Everything that the transition changes, for one round trip.
    private static func changes(of transition: Transition, entry: HistoryEntry) throws -> [PostgresStatement] {
        let cycle = transition.cycle
        let state = transition.newState
        let microseconds = Int64((entry.at.timeIntervalSince1970 * 1_000_000).rounded())
        var batch = [
            PostgresStatement(
                HistoryStatement.addTransition,
                [
                    cycle.useCase, cycle.id, entry.sequence, entry.event, entry.fromStage.rawValue,
                    entry.fromActivity.rawValue, entry.toStage.rawValue, entry.toActivity.rawValue, entry.actor,
                    entry.evidence, microseconds, entry.previousHash, entry.hash,
                ]),
            PostgresStatement(
                HistoryStatement.moveCycle,
                [
                    cycle.id, try StoredJSON.text(of: state), state.stage.rawValue, state.activity.rawValue,
                    state.isPaused,
                    state.block?.code,
                ]),
        ]
        let isCancelled = state.block?.code == "cancelled" || state.stage == .retired
        if isCancelled || transition.event == .retried {
            batch.append(PostgresStatement(CycleStatement.cancelWork, [cycle.id]))
        }
        if !transition.actions.isEmpty {
            let payloads = try transition.actions.map { try StoredJSON.text(of: $0) }
            let kinds = transition.actions.map(\.kind.rawValue)
            batch.append(PostgresStatement(HistoryStatement.addWork, [cycle.id, kinds, payloads]))
        }
        // Also without new work: a resumed cycle's waiting work is due, a daemon looks for what a pause has stopped.
        batch.append(PostgresStatement(HistoryStatement.hint, [Self.channel]))
        return batch
    }

    static func lost(_ lease: WorkLease) -> FledgeError {
        FledgeError(
            "work.lost", "work item \(lease.item) was taken over or cancelled (fence \(lease.fence))",
            exitCode: .tryAgain)
    }

    package func history(of useCase: UseCaseID) async throws -> [HistoryEntry] {
        try await rows(HistoryStatement.history, [useCase]).map { row in
            HistoryEntry(
                sequence: try row.get("sequence", as: Int.self), cycle: try row.get("cycle", as: Int.self),
                at: try row.get("at", as: Date.self), event: try row.get("event", as: String.self),
                fromStage: try row.choice("from_stage", as: Stage.self),
                fromActivity: try row.choice("from_activity", as: Activity.self),
                toStage: try row.choice("to_stage", as: Stage.self),
                toActivity: try row.choice("to_activity", as: Activity.self),
                actor: try row.get("actor", as: String.self),
                evidence: try row.get("evidence", as: String.self),
                previousHash: try row.get("previous_hash", as: String.self), hash: try row.get("hash", as: String.self))
        }
    }
}
