import FledgeCore
import FledgeEngine
import Foundation
import PostgresClient

/// The queue as people see it.
enum WorkViewStatement: String, StoredStatement {
    // One SELECT for each state, joined by UNION ALL, so that each uses the index of its state and none reads through
    // work that was done long ago.
    case work = """
        WITH mine AS MATERIALIZED (
            SELECT c.id FROM cycle c JOIN use_case u ON u.id = c.use_case_id WHERE u.name = $2
        ), open AS (
            (SELECT * FROM work_item w WHERE w.state = 'dead' AND 'dead' = ANY ($1::text[])
               AND ($2::text IS NULL OR w.cycle_id IN (SELECT id FROM mine)) ORDER BY w.id LIMIT $3)
            UNION ALL
            (SELECT * FROM work_item w WHERE w.state = 'leased' AND 'leased' = ANY ($1::text[])
               AND ($2::text IS NULL OR w.cycle_id IN (SELECT id FROM mine)) ORDER BY w.leased_until LIMIT $3)
            UNION ALL
            (SELECT * FROM work_item w WHERE w.state = 'queued' AND 'queued' = ANY ($1::text[])
               AND ($2::text IS NULL OR w.cycle_id IN (SELECT id FROM mine)) ORDER BY w.turn_at, w.id LIMIT $3)
        )
        SELECT w.id, w.kind, w.state, coalesce(u.name, w.payload->>'useCase') AS use_case, c.number AS cycle, w.cycle_id,
               w.priority, w.attempts, w.maximum_attempts, w.error_code, w.error_message, w.worker, w.created_at,
               nullif(w.run_at, 'infinity') AS run_at, w.finished_at
        FROM open w LEFT JOIN cycle c ON c.id = w.cycle_id LEFT JOIN use_case u ON u.id = c.use_case_id
        ORDER BY w.state, w.turn_at, w.id
        """
    case oneWork = """
        SELECT w.id, w.kind, w.state, coalesce(u.name, w.payload->>'useCase') AS use_case, c.number AS cycle, w.cycle_id,
               w.priority, w.attempts, w.maximum_attempts, w.error_code, w.error_message, w.worker, w.created_at,
               nullif(w.run_at, 'infinity') AS run_at, w.finished_at
        FROM work_item w LEFT JOIN cycle c ON c.id = w.cycle_id LEFT JOIN use_case u ON u.id = c.use_case_id
        WHERE w.id = $1
        """
    case revive = """
        UPDATE work_item SET state = 'queued', attempts = 0, finished_at = NULL, died_with = NULL, run_at = now(),
               turn_at = now() - priority * $2::bigint * interval '1 microsecond'
        WHERE id = $1 AND state = 'dead'
        """
}

extension PostgresWork {
    package func work(in states: Set<WorkState>, useCase: String?, limit: Int) async throws -> [WorkView] {
        try await database.rows(WorkViewStatement.work, [states.map(\.rawValue), useCase, limit]).map(Self.view)
    }

    package func work(_ id: WorkItemID) async throws -> (view: WorkView, cycle: CycleID?)? {
        try await database.rows(WorkViewStatement.oneWork, [id]).first.map { row in
            (try Self.view(row), try row.get("cycle_id", as: CycleID?.self))
        }
    }

    package func revive(_ id: WorkItemID) async throws -> Bool {
        try await database.transaction { connection in
            let isRevived =
                try await connection.change(
                    WorkViewStatement.revive, [id, WorkPriority.step.wholeMicroseconds]) == 1
            if isRevived { _ = try await connection.rows(HistoryStatement.hint, [Self.channel]) }
            return isRevived
        }
    }

    private static func view(_ row: PostgresRow) throws -> WorkView {
        WorkView(
            id: try row.get("id", as: WorkItemID.self), kind: try row.get("kind", as: String.self),
            state: try row.choice("state", as: WorkState.self), useCase: try row.get("use_case", as: String?.self),
            cycle: try row.get("cycle", as: Int?.self), priority: try row.get("priority", as: Int.self),
            attempts: try row.get("attempts", as: Int.self),
            maximumAttempts: try row.get("maximum_attempts", as: Int.self),
            errorCode: try row.get("error_code", as: String?.self),
            errorMessage: try row.get("error_message", as: String?.self),
            worker: try row.get("worker", as: String?.self), createdAt: try row.get("created_at", as: Date.self),
            runAt: try row.get("run_at", as: Date?.self), finishedAt: try row.get("finished_at", as: Date?.self))
    }
}
