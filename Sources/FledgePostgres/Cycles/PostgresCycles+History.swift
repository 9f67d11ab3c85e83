import FledgeCore
import FledgeEngine
import Foundation
import PostgresClient

/// The append-only history and what is written together with it, many rows at a time.
enum HistoryStatement: String, StoredStatement {
    // The history keeps whole milliseconds, so that a hash can be computed again from any form that it is exported in.
    // Where the statement waited for a row's lock, the row comes with its new version but with the history's last entry
    // from before the wait. The version then shows that the cycle has moved on. The array comes out of a sub-select:
    // with a short array as a plain parameter the planner makes a new plan for each execution.
    case lockCycles = """
        SELECT c.id, c.version, c.ended_at IS NULL AS is_open, last.sequence, last.hash,
               (floor(extract(epoch FROM clock_timestamp()) * 1000) * 1000)::bigint AS now_microseconds
        FROM cycle c
        LEFT JOIN LATERAL (SELECT t.sequence, t.hash FROM transition t WHERE t.use_case_id = c.use_case_id
                           ORDER BY t.sequence DESC LIMIT 1) last ON true
        WHERE c.id = ANY ((SELECT $1::bigint[])::bigint[]) ORDER BY c.id FOR NO KEY UPDATE OF c
        """
    case addTransitions = """
        INSERT INTO transition (use_case_id, cycle_id, sequence, event, from_stage, from_activity, to_stage, to_activity,
                                actor, evidence, at, previous_hash, hash)
        SELECT a.use_case, a.cycle, a.sequence, a.event, a.from_stage, a.from_activity, a.to_stage, a.to_activity, a.actor,
               a.evidence, timestamptz 'epoch' + a.at * interval '1 microsecond', a.previous_hash, a.hash
        FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                    $9::text[], $10::text[], $11::bigint[], $12::text[], $13::text[])
            AS a (use_case, cycle, sequence, event, from_stage, from_activity, to_stage, to_activity, actor, evidence, at,
                  previous_hash, hash)
        """
    case moveCycles = """
        UPDATE cycle c SET state = m.state::jsonb, stage = m.stage, activity = m.activity, is_paused = m.is_paused,
               block_code = m.block_code, version = c.version + 1, updated_at = now(),
               ended_at = CASE WHEN m.is_over THEN now() END
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::boolean[])
            AS m (id, state, stage, activity, is_paused, block_code, is_over)
        WHERE c.id = m.id
        """
    case hint = "SELECT pg_notify($1, '')"
    case recorded = """
        SELECT t.hash FROM unnest($1::bigint[], $2::int[], $3::text[]) AS a (use_case, sequence, hash)
        JOIN transition t ON t.use_case_id = a.use_case AND t.sequence = a.sequence AND t.hash = a.hash
        """
    case history = """
        SELECT t.sequence, c.number AS cycle, t.at, t.event, t.from_stage, t.from_activity, t.to_stage, t.to_activity,
               t.actor, t.evidence, t.previous_hash, t.hash
        FROM transition t JOIN cycle c ON c.id = t.cycle_id WHERE t.use_case_id = $1 ORDER BY t.sequence
        """
}

extension PostgresCycles {
    /// Shares a transaction with what other workers write at the same moment: see `WorkBatch`.
    package func record(_ transition: Transition, finishing lease: WorkLease?) async throws {
        try await writes.submit(WorkWrite(transition, finishing: lease))
    }

    package func head(of cycle: CycleID) async throws -> CycleHead {
        try await heads.submit(CycleQuestion(id: cycle))
    }

    package func history(of useCase: UseCaseID) async throws -> [HistoryEntry] {
        try await database.rows(HistoryStatement.history, [useCase]).map { row in
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
