import FledgeCore
import FledgeEngine
import Foundation
import Migrations
import PostgresClient

/// The durable queue. Every time in it is taken from the database's clock, never from a daemon's.
enum WorkStatement: String, StoredStatement {
    // Two ways to be due, each with an index of its own, and neither steps over much: a paused cycle's work is parked (m0009),
    // and the few that are left are looked up one by one (a scalar query, which no plan turns into a scan of every cycle).
    // Work of one cycle goes in the order in which it was asked for, and the next piece only when none is leased;
    // `one_lease_a_cycle` keeps that promise when two claims race. `id + 0` keeps that look-up from an index by id, which a
    // planner without statistics takes for as good: then every claim walks through all that is queued. What another build asked for is left to that build.
    // Work whose daemon was not seen since its lease ran out is suspect (`dies`): it and what was so before is claimed by an
    // idle daemon alone, one piece and nothing beside it. `is_known` is what a daemon has died with before; ten seconds more
    // let one that the database was away from be seen again before the second death is final. Work that outlives its daemon
    // ($7) goes by its attempts.
    case claim = """
        WITH expired AS (
            SELECT e.* FROM (
                SELECT w.id, w.leased_until,
                       NOT w.kind = ANY ($7::text[]) AND w.worker <> $2 AND EXISTS (
                           SELECT FROM daemon d WHERE d.worker = w.worker AND d.seen_at <= w.leased_until) AS dies,
                       w.died_with IS NOT NULL AND NOT EXISTS (
                           SELECT FROM daemon d WHERE d.worker = w.died_with AND d.seen_at > w.died_at) AS is_known
                FROM work_item w
                WHERE w.state = 'leased' AND w.leased_until < now() AND w.kind = ANY ($4::text[])
                  AND coalesce((SELECT NOT c.is_paused FROM cycle c WHERE c.id = w.cycle_id), true)
                ORDER BY w.leased_until FOR UPDATE OF w SKIP LOCKED) AS e
            WHERE NOT (e.dies OR e.is_known)
               OR ($6 AND (NOT (e.dies AND e.is_known) OR e.leased_until < now() - interval '10 seconds'))
            ORDER BY e.leased_until LIMIT $1
        ), due AS (
            SELECT w.id, false AS dies,
                   w.died_with IS NOT NULL AND NOT EXISTS (
                       SELECT FROM daemon d WHERE d.worker = w.died_with AND d.seen_at > w.died_at) AS is_known
            FROM work_item w
            WHERE w.state = 'queued' AND w.turn_at <= now() AND w.run_at <= now() AND w.kind = ANY ($4::text[])
              AND w.turn_at >= timestamptz 'epoch' + $5::bigint * interval '1 microsecond'
              AND coalesce((SELECT NOT c.is_paused FROM cycle c WHERE c.id = w.cycle_id), true)
              AND (SELECT o.id FROM work_item o WHERE o.cycle_id = w.cycle_id AND o.state = 'leased' LIMIT 1) IS NULL
              AND (SELECT o.id FROM work_item o WHERE o.cycle_id = w.cycle_id AND o.state = 'queued'
                   AND o.run_at <= now() AND o.id + 0 < w.id LIMIT 1) IS NULL
              AND (w.died_with IS NULL OR $6
                   OR EXISTS (SELECT FROM daemon d WHERE d.worker = w.died_with AND d.seen_at > w.died_at))
            ORDER BY w.turn_at, w.id LIMIT $1 FOR UPDATE OF w SKIP LOCKED
        ), ranked AS (
            SELECT id, dies, is_known, row_number() OVER () AS place
            FROM (SELECT id, dies, is_known FROM expired UNION ALL SELECT id, dies, is_known FROM due) AS either
        ), chosen AS (
            SELECT r.id, r.dies, r.is_known FROM ranked r
            WHERE CASE WHEN (SELECT f.dies OR f.is_known FROM ranked f WHERE f.place = 1) THEN r.place = 1
                       ELSE NOT (r.dies OR r.is_known) END
            ORDER BY r.place LIMIT $1
        )
        UPDATE work_item w SET state = 'leased', worker = $2, attempts = w.attempts + 1, fence = w.fence + 1,
               leased_until = now() + $3::bigint * interval '1 microsecond', error_code = NULL, error_message = NULL,
               died_with = CASE WHEN chosen.dies THEN w.worker ELSE w.died_with END,
               died_at = CASE WHEN chosen.dies THEN now() ELSE w.died_at END
        FROM chosen WHERE w.id = chosen.id
        RETURNING w.id, w.fence, w.kind, w.cycle_id, w.payload, w.attempts, w.maximum_attempts,
                  chosen.dies::int + chosen.is_known::int AS deaths,
                  (extract(epoch FROM w.turn_at) * 1000000)::bigint AS turn
        """
    // Whether suspect work waits, and this daemon is the one that makes itself free for it: the first by name of those that
    // are alive and know of it. Whoever is idle before may take it. $3: kinds that outlive daemons; nobody waits for their end.
    case hasToFreeItself = """
        SELECT $1 = (
            SELECT d.worker FROM daemon d
            WHERE d.seen_at > now() - interval '10 seconds'
              AND coalesce(d.schema_version, 0) >= coalesce((SELECT m.schema_version FROM daemon m WHERE m.worker = $1), 0)
            ORDER BY d.worker LIMIT 1)
          AND NOT EXISTS (SELECT FROM work_item t WHERE t.worker = $1 AND t.state = 'leased'
                          AND t.kind = ANY ($3::text[]))
          AND (EXISTS (
                SELECT FROM work_item w
                WHERE w.died_with IS NOT NULL AND w.state = 'queued' AND w.turn_at <= now() AND w.run_at <= now()
                  AND w.kind = ANY ($2::text[])
                  AND NOT EXISTS (SELECT FROM daemon d WHERE d.worker = w.died_with AND d.seen_at > w.died_at)
                  AND coalesce((SELECT NOT c.is_paused FROM cycle c WHERE c.id = w.cycle_id), true))
            OR EXISTS (
                SELECT FROM work_item w JOIN daemon d ON d.worker = w.worker AND d.seen_at <= w.leased_until
                WHERE w.state = 'leased' AND w.leased_until < now() AND w.kind = ANY ($2::text[])
                  AND NOT w.kind = ANY ($3::text[])
                  AND coalesce((SELECT NOT c.is_paused FROM cycle c WHERE c.id = w.cycle_id), true))) AS answer
        """
    // Ends work under its fencing number: done, or dead where there is an error. What waits behind it in its cycle has its
    // turn from now on, since the use case has just been served; $7 is what a step of priority is worth. Arrays come out of sub-selects: a planner that sees a short
    // one plans anew each time, which took 1.4 ms of the server's time for a single piece of work.
    case end = """
        WITH ended AS (
            UPDATE work_item w SET state = CASE WHEN a.code IS NULL THEN 'done' ELSE 'dead' END, leased_until = NULL,
                   finished_at = now(), worker = CASE WHEN a.code IS NULL THEN w.worker END, error_code = a.code,
                   error_message = a.message
            FROM unnest((SELECT $1::bigint[]), (SELECT $2::bigint[]), (SELECT $3::text[]), (SELECT $4::text[]),
                        (SELECT $5::bigint[]), (SELECT $6::bigint[])) AS a (id, fence, code, message, cycle, version)
            WHERE w.id = a.id AND w.fence = a.fence AND w.leased_until IS NOT NULL
              AND (a.version IS NULL
                   OR EXISTS (SELECT FROM cycle c WHERE c.id = a.cycle AND c.version = a.version AND c.ended_at IS NULL))
            RETURNING w.id, w.cycle_id
        ), passed AS (
            UPDATE work_item n SET turn_at = now() - n.priority * $7::bigint * interval '1 microsecond'
            WHERE n.id = ANY (ARRAY(SELECT next.id FROM ended e CROSS JOIN LATERAL (
                SELECT o.id FROM work_item o
                WHERE o.cycle_id = e.cycle_id AND o.state = 'queued' AND o.run_at <= now() OFFSET 0) next))
        )
        SELECT id FROM ended
        """
    // Whether work ended under a fencing number: nobody else can have ended it under that.
    case ended = """
        SELECT w.id FROM unnest($1::bigint[], $2::bigint[]) AS a (id, fence)
        JOIN work_item w ON w.id = a.id AND w.fence = a.fence AND w.state IN ('done', 'dead')
        """
    case renew = """
        UPDATE work_item w SET leased_until = now() + $3::bigint * interval '1 microsecond',
               died_with = CASE WHEN $4 THEN NULL ELSE w.died_with END,
               died_at = CASE WHEN $4 THEN NULL ELSE w.died_at END
        WHERE w.id = $1 AND w.fence = $2 AND w.state = 'leased'
          AND NOT EXISTS (SELECT FROM cycle c WHERE c.id = w.cycle_id AND c.is_paused)
        """
    case giveBack = """
        UPDATE work_item SET state = 'queued', leased_until = NULL, worker = NULL,
               run_at = now() + $3::bigint * interval '1 microsecond',
               turn_at = now() + ($3::bigint - priority * $7::bigint) * interval '1 microsecond',
               attempts = greatest(attempts - CASE WHEN $4 THEN 0 ELSE 1 END, 0), error_code = $5, error_message = $6
        WHERE id = $1 AND fence = $2 AND state = 'leased'
        """
    case enqueueReport = """
        INSERT INTO work_item (kind, payload, unique_key) VALUES ('write-report', $1::jsonb, $2)
        ON CONFLICT (unique_key) DO NOTHING
        """
    case depth = """
        SELECT (SELECT count(*) FROM work_item WHERE state = 'queued' AND run_at <= now()) AS due,
               (SELECT count(*) FROM work_item WHERE state = 'leased') AS leased,
               (SELECT count(*) FROM work_item WHERE state = 'dead') AS dead
        """
    case beat = """
        INSERT INTO daemon (worker, host, process_id, schema_version) VALUES ($1, $2, $3, $4) ON CONFLICT (worker) DO UPDATE SET seen_at = now()
        """
}

/// The queue of work, and who works on it.
package struct PostgresWork: WorkQueue {
    let database: Database
    /// Shared with the cycles: a transition and the end of the work that led to it are one write.
    let writes: GroupCommit<WorkWrite, Void>
    /// The turn from which a claim begins to look for work, so that it does not read through what is queued before it.
    let floor = Shared(ClaimFloor())

    /// The channel of the queue's hints.
    static let channel = "fledge_work"

    package func claim(limit: Int, worker: String, lease: Duration, isIdle: Bool) async throws -> [WorkItem] {
        let kinds = CycleAction.Kind.allCases.map(\.rawValue)
        // Two claims that saw the same idle cycle collide in `one_lease_a_cycle`; the later one looks again.
        for _ in 1...3 {
            do {
                let began = ContinuousClock.now
                let start = floor.withLock { $0.start(at: began) }
                let rows = try await database.pool.query(
                    WorkStatement.claim.rawValue,
                    [limit, worker, lease.wholeMicroseconds, kinds, start ?? 0, isIdle, Self.outliving])
                let claimed = try rows.map { row in
                    (turn: try row.get("turn", as: Int64.self), item: try Self.workItem(row, lease))
                }.sorted { ($0.turn, $0.item.lease.item) < ($1.turn, $1.item.lease.item) }
                floor.withLock {
                    $0.looked(from: start, found: claimed.first?.turn, took: began.duration(to: .now), at: .now)
                }
                return claimed.map(\.item)
            } catch let error as PostgresError {
                guard error.isUniqueViolation || error.isUndone else { throw FledgeError(error) }
            }
        }
        return []
    }

    private static let outliving = CycleAction.Kind.allCases.filter(\.outlivesDaemon).map(\.rawValue)

    /// A payload that cannot be read must not keep the rest of the claim from its worker.
    private static func workItem(_ row: PostgresRow, _ lease: Duration) throws -> WorkItem {
        let kind = try row.choice("kind", as: CycleAction.Kind.self)
        var item = WorkItem(
            lease: WorkLease(item: try row.get("id", as: WorkItemID.self), fence: try row.get("fence", as: Int64.self)),
            leaseLength: lease, kind: kind, cycle: try row.get("cycle_id", as: CycleID?.self), action: nil, report: nil,
            attempt: try row.get("attempts", as: Int.self),
            maximumAttempts: try row.get("maximum_attempts", as: Int.self), deaths: try row.get("deaths", as: Int.self))
        do {
            if kind == .writeReport {
                item.report = try row.json("payload", as: ReportRequest.self)
            } else {
                item.action = try row.json("payload", as: CycleAction.self)
            }
        } catch let error as FledgeError {
            // The work is tried again later: another daemon may be of a build that can read it.
            item.unreadable = error
            item.unreadable?.exitCode = .tryAgain
        }
        return item
    }

    package func hasToFreeItself(worker: String) async throws -> Bool {
        let kinds = CycleAction.Kind.allCases.map(\.rawValue)
        return try await database.rows(WorkStatement.hasToFreeItself, [worker, kinds, Self.outliving]).first?
            .get("answer", as: Bool?.self) ?? false
    }

    package func renew(_ lease: WorkLease, for duration: Duration, isProven: Bool) async throws -> Bool {
        try await database.change(WorkStatement.renew, [lease.item, lease.fence, duration.wholeMicroseconds, isProven])
            == 1
    }

    package func finish(_ lease: WorkLease) async throws {
        try await writes.submit(WorkWrite(ending: lease))
    }

    package func bury(_ lease: WorkLease, because error: FledgeError) async throws {
        try await writes.submit(WorkWrite(ending: lease, failure: (error.code.rawValue, error.message)))
    }

    package func release(_ lease: WorkLease, after delay: Duration, countsAsAttempt: Bool, error: FledgeError?)
        async throws
    {
        // Work that was lost meanwhile is given back already.
        try await database.transaction { connection in
            let count = try await connection.change(
                WorkStatement.giveBack,
                [
                    lease.item, lease.fence, delay.wholeMicroseconds, countsAsAttempt, error?.code.rawValue,
                    error?.message.storable, WorkPriority.step.wholeMicroseconds,
                ])
            if count > 0, delay <= .zero { _ = try await connection.rows(HistoryStatement.hint, [Self.channel]) }
        }
    }

    package func enqueue(report: ReportRequest) async throws {
        let payload = try JSONProfile.stored.text(of: report)
        try await database.transaction { connection in
            try await connection.change(WorkStatement.enqueueReport, [payload, report.key])
            _ = try await connection.rows(HistoryStatement.hint, [Self.channel])
        }
    }

    package func hints() async -> AsyncStream<Void> {
        let notifications = database.pool.listen(Self.channel)
        // Several hints that nobody has looked at yet mean no more than one.
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

    package func depth() async throws -> (due: Int, leased: Int, dead: Int) {
        guard let row = try await database.rows(WorkStatement.depth).first else { throw FledgeError.nothingCameBack }
        return (
            try row.get("due", as: Int.self), try row.get("leased", as: Int.self), try row.get("dead", as: Int.self)
        )
    }

    package func beat(worker: String, host: String, processID: Int32) async throws {
        try await database.change(WorkStatement.beat, [worker, host, processID, Migrations.all.count])
    }
}
