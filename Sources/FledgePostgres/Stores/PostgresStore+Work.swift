import FledgeCore
import FledgeEngine
import PostgresClient

/// The durable queue. Time is the database's, never a daemon's.
enum WorkStatement: String, StoredStatement {
    // Two ways to be due, each with an index of its own. Work of one cycle goes in the order in which it was asked for, and
    // the next piece only when none is leased; `one_lease_a_cycle` keeps that promise when two claims race.
    case claim = """
        WITH expired AS (
            SELECT w.id FROM work_item w
            WHERE w.state = 'leased' AND w.leased_until < now()
              AND NOT EXISTS (SELECT FROM cycle c WHERE c.id = w.cycle_id AND c.is_paused)
            ORDER BY w.leased_until LIMIT $1 FOR UPDATE OF w SKIP LOCKED
        ), due AS (
            SELECT w.id FROM work_item w
            WHERE w.state = 'queued' AND w.run_at <= now()
              AND NOT EXISTS (SELECT FROM cycle c WHERE c.id = w.cycle_id AND c.is_paused)
              AND NOT EXISTS (SELECT FROM work_item o WHERE o.cycle_id = w.cycle_id AND o.state = 'leased')
              AND NOT EXISTS (SELECT FROM work_item o WHERE o.cycle_id = w.cycle_id AND o.state = 'queued'
                              AND o.run_at <= now() AND o.id < w.id)
            ORDER BY w.priority DESC, w.run_at, w.id LIMIT $1 FOR UPDATE OF w SKIP LOCKED
        ), chosen AS (
            SELECT id FROM (SELECT id FROM expired UNION ALL SELECT id FROM due) AS either LIMIT $1
        )
        UPDATE work_item w SET state = 'leased', worker = $2, attempts = w.attempts + 1, fence = w.fence + 1,
               leased_until = now() + $3::bigint * interval '1 microsecond', error_code = NULL, error_message = NULL
        FROM chosen WHERE w.id = chosen.id
        RETURNING w.id, w.fence, w.kind, w.cycle_id, w.payload, w.attempts, w.maximum_attempts
        """
    case renew = """
        UPDATE work_item w SET leased_until = now() + $3::bigint * interval '1 microsecond'
        WHERE w.id = $1 AND w.fence = $2 AND w.state = 'leased'
          AND NOT EXISTS (SELECT FROM cycle c WHERE c.id = w.cycle_id AND c.is_paused)
        """
    case giveBack = """
        UPDATE work_item SET state = 'queued', leased_until = NULL, worker = NULL,
               run_at = now() + $3::bigint * interval '1 microsecond',
               attempts = greatest(attempts - CASE WHEN $4 THEN 0 ELSE 1 END, 0), error_code = $5, error_message = $6
        WHERE id = $1 AND fence = $2 AND state = 'leased'
        """
    case enqueueReport = """
        INSERT INTO work_item (kind, payload, unique_key) VALUES ('write-report', $1::jsonb, $2)
        ON CONFLICT (unique_key) DO NOTHING
        """
    case depth = """
        SELECT (SELECT count(*) FROM work_item WHERE state = 'queued' AND run_at <= now()) AS due,
               (SELECT count(*) FROM work_item WHERE state = 'leased') AS leased
        """
    case beat = """
        INSERT INTO daemon (worker, host, process_id) VALUES ($1, $2, $3) ON CONFLICT (worker) DO UPDATE SET seen_at = now()
        """
}

extension PostgresStore: WorkQueue {
    package func claim(limit: Int, worker: String, lease: Duration) async throws -> [WorkItem] {
        // Two claims that saw the same idle cycle collide in `one_lease_a_cycle`; the later one looks again.
        for _ in 1...3 {
            do {
                return try await pool.query(WorkStatement.claim.rawValue, [limit, worker, lease.wholeMicroseconds])
                    .map(Self.workItem).sorted { $0.lease.item < $1.lease.item }
            } catch let error as PostgresError {
                guard error.isUniqueViolation || error.isUndone else { throw FledgeError(error) }
            }
        }
        return []
    }

    private static func workItem(_ row: PostgresRow) throws -> WorkItem {
        let kind = try row.choice("kind", as: CycleAction.Kind.self)
        let isReport = kind == .writeReport
        return WorkItem(
            lease: WorkLease(item: try row.get("id", as: WorkItemID.self), fence: try row.get("fence", as: Int64.self)),
            kind: kind, cycle: try row.get("cycle_id", as: CycleID?.self),
            action: isReport ? nil : try row.json("payload", as: CycleAction.self),
            report: isReport ? try row.json("payload", as: ReportRequest.self) : nil,
            attempt: try row.get("attempts", as: Int.self),
            maximumAttempts: try row.get("maximum_attempts", as: Int.self))
    }

    package func renew(_ lease: WorkLease, for duration: Duration) async throws -> Bool {
        try await change(WorkStatement.renew, [lease.item, lease.fence, duration.wholeMicroseconds]) == 1
    }

    package func finish(_ lease: WorkLease) async throws {
        guard try await change(HistoryStatement.finishWork, [lease.item, lease.fence]) == 1 else {
            throw Self.lost(lease)
        }
    }

    package func release(_ lease: WorkLease, after delay: Duration, countsAsAttempt: Bool, error: FledgeError?)
        async throws
    {
        // Work that was lost meanwhile is given back already.
        try await transaction { connection in
            let count = try await connection.change(
                WorkStatement.giveBack,
                [
                    lease.item, lease.fence, delay.wholeMicroseconds, countsAsAttempt, error?.code.rawValue,
                    error?.message,
                ])
            if count > 0, delay <= .zero { _ = try await connection.rows(HistoryStatement.hint, [Self.channel]) }
        }
    }

    package func enqueue(report: ReportRequest) async throws {
        let payload = try StoredJSON.text(of: report)
        try await transaction { connection in
            try await connection.change(WorkStatement.enqueueReport, [payload, report.key])
            _ = try await connection.rows(HistoryStatement.hint, [Self.channel])
        }
    }

    package func hints() async -> AsyncStream<Void> {
        let notifications = pool.listen(Self.channel)
        // Many hints that nobody has looked at yet say no more than one.
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        // Lives as long as the stream: it ends when either side does. A `.listening` is a hint too, since what was sent
        // before it is lost.
        let forwarding = Task {
            for await _ in notifications { continuation.yield() }
            continuation.finish()
        }
        continuation.onTermination = { _ in forwarding.cancel() }
        return stream
    }

    package func depth() async throws -> (due: Int, leased: Int) {
        guard let row = try await rows(WorkStatement.depth).first else { return (0, 0) }
        return (try row.get("due", as: Int.self), try row.get("leased", as: Int.self))
    }

    package func beat(worker: String, host: String, processID: Int32) async throws {
        try await change(WorkStatement.beat, [worker, host, processID])
    }
}
