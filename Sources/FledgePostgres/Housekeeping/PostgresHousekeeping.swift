import FledgeCore
import FledgeEngine
import PostgresClient

/// Retention. Each walk goes through its table by what its rows lie in order of (an experiment, a job, a number, a place on
/// disk), so that it needs no index that others would have to write, and each batch is short enough to be in nobody's way.
///
/// Rows are deleted; `sample` has no partitions to drop. Measured with five million samples of usual size (1.2 GB and 0.9 GB
/// of indexes, synchronous commit, 2 cores, PostgreSQL 15): 5000 deletes of an experiment each took 17 s, VACUUM after it
/// 32 s, DROP TABLE of the same rows as a partition 1.8 s. Once in three months, in the background, that is not worth
/// what it would cost: what may go is not a range of time or of numbers, since the samples of cycles that were judged stay
/// for ever and lie between those that go, so that no partition could ever be dropped; and a daemon of the version before
/// would have to work on the table while its rows move.
///
/// Finished work leaves the partial indexes of `work_item` behind as pages that VACUUM makes free: after one, two and three
/// million items through queued, leased and done they measured 113, 223 and 223 MB together, 28,553 of 28,557 pages free.
enum HousekeepingStatement: String, StoredStatement {
    // $1: age in microseconds. Experiments that a gate, a decision, a look or a release rests on are left out.
    case countSamples = """
        SELECT count(s.*) AS rows, coalesce(sum(pg_column_size(s.*)), 0)::bigint AS bytes
        FROM cycle c JOIN experiment e ON e.cycle_id = c.id JOIN sample s ON s.experiment_id = e.id
        WHERE c.ended_at < now() - $1::bigint * interval '1 microsecond'
          AND NOT EXISTS (SELECT FROM gate g WHERE g.cycle_id = c.id)
          AND NOT EXISTS (SELECT FROM decision d WHERE d.cycle_id = c.id)
          AND NOT EXISTS (SELECT FROM holdout_look h WHERE h.cycle_id = c.id)
          AND NOT EXISTS (SELECT FROM release r WHERE r.cycle_id = c.id)
        """
    // $2: the experiments after this one; $3: rows at most. It looks at so many experiments at a time, few of which may have
    // samples that go.
    case pruneSamples = """
        WITH target AS MATERIALIZED (
            SELECT e.id FROM experiment e JOIN cycle c ON c.id = e.cycle_id
            WHERE e.id > $2 AND e.id <= $2 + 5000 AND c.ended_at < now() - $1::bigint * interval '1 microsecond'
              AND NOT EXISTS (SELECT FROM gate g WHERE g.cycle_id = c.id)
              AND NOT EXISTS (SELECT FROM decision d WHERE d.cycle_id = c.id)
              AND NOT EXISTS (SELECT FROM holdout_look h WHERE h.cycle_id = c.id)
              AND NOT EXISTS (SELECT FROM release r WHERE r.cycle_id = c.id)
              AND EXISTS (SELECT FROM sample s WHERE s.experiment_id = e.id)
            ORDER BY e.id LIMIT 1
        ), gone AS (
            DELETE FROM sample s WHERE s.ctid = ANY (ARRAY(
                SELECT d.ctid FROM sample d WHERE d.experiment_id = (SELECT id FROM target) LIMIT $3::int))
            RETURNING pg_column_size(s.*) AS size
        )
        SELECT count(*) AS rows, coalesce(sum(size), 0)::bigint AS bytes,
               CASE WHEN (SELECT id FROM target) IS NOT NULL THEN (SELECT id FROM target) - 1
                    WHEN $2 + 5000 < (SELECT coalesce(max(id), 0) FROM experiment) THEN $2 + 5000 END AS next
        FROM gone
        """
    case countTrainingLogs = """
        SELECT count(l.*) AS rows, coalesce(sum(pg_column_size(l.*)), 0)::bigint AS bytes
        FROM training_job j JOIN training_log l ON l.training_job_id = j.id
        WHERE j.finished_at < now() - $1::bigint * interval '1 microsecond'
          AND NOT EXISTS (SELECT FROM release r WHERE r.adapter = j.adapter)
          AND NOT EXISTS (SELECT FROM gate g JOIN candidate k ON k.id = g.candidate_id
                          WHERE g.cycle_id = j.cycle_id AND k.document->>'adapter' = j.adapter)
        """
    case pruneTrainingLogs = """
        WITH target AS MATERIALIZED (
            SELECT j.id FROM training_job j
            WHERE j.id > $2 AND j.id <= $2 + 5000 AND j.finished_at < now() - $1::bigint * interval '1 microsecond'
              AND NOT EXISTS (SELECT FROM release r WHERE r.adapter = j.adapter)
              AND NOT EXISTS (SELECT FROM gate g JOIN candidate k ON k.id = g.candidate_id
                              WHERE g.cycle_id = j.cycle_id AND k.document->>'adapter' = j.adapter)
              AND EXISTS (SELECT FROM training_log l WHERE l.training_job_id = j.id)
            ORDER BY j.id LIMIT 1
        ), gone AS (
            DELETE FROM training_log l WHERE l.ctid = ANY (ARRAY(
                SELECT d.ctid FROM training_log d WHERE d.training_job_id = (SELECT id FROM target) LIMIT $3::int))
            RETURNING pg_column_size(l.*) AS size
        )
        SELECT count(*) AS rows, coalesce(sum(size), 0)::bigint AS bytes,
               CASE WHEN (SELECT id FROM target) IS NOT NULL THEN (SELECT id FROM target) - 1
                    WHEN $2 + 5000 < (SELECT coalesce(max(id), 0) FROM training_job) THEN $2 + 5000 END AS next
        FROM gone
        """
    case countResponses = """
        SELECT count(*) AS rows, coalesce(sum(pg_column_size(r.*)), 0)::bigint AS bytes
        FROM response_cache r WHERE r.created_at < now() - $1::bigint * interval '1 microsecond'
        """
    // $2: a block of the table; so many are read at a time.
    case pruneResponses = """
        WITH gone AS (
            DELETE FROM response_cache r
            WHERE r.ctid >= ('(' || $2::bigint || ',0)')::tid AND r.ctid < ('(' || $2 + $3::int / 20 || ',0)')::tid
              AND r.created_at < now() - $1::bigint * interval '1 microsecond'
            RETURNING pg_column_size(r.*) AS size
        )
        SELECT count(*) AS rows, coalesce(sum(size), 0)::bigint AS bytes,
               CASE WHEN $2 + $3 / 20 < pg_relation_size('response_cache') / current_setting('block_size')::int
                    THEN $2 + $3 / 20 END AS next
        FROM gone
        """
    case countWork = """
        SELECT count(*) AS rows, coalesce(sum(pg_column_size(w.*)), 0)::bigint AS bytes FROM work_item w
        WHERE w.state IN ('done', 'cancelled') AND w.finished_at < now() - $1::bigint * interval '1 microsecond'
        """
    case pruneWork = """
        WITH gone AS (
            DELETE FROM work_item w WHERE w.id > $2::bigint AND w.id <= $2 + $3::int AND w.state IN ('done', 'cancelled')
              AND w.finished_at < now() - $1::bigint * interval '1 microsecond'
            RETURNING pg_column_size(w.*) AS size
        )
        SELECT count(*) AS rows, coalesce(sum(size), 0)::bigint AS bytes,
               -- Numbers that went before are passed over in one step.
               (SELECT min(o.id) - 1 FROM work_item o WHERE o.id > $2 + $3) AS next
        FROM gone
        """
    case countDaemons = """
        SELECT count(*) AS rows, coalesce(sum(pg_column_size(d.*)), 0)::bigint AS bytes FROM daemon d
        WHERE d.seen_at < now() - $1::bigint * interval '1 microsecond'
        """
    case pruneDaemons = """
        WITH gone AS (
            DELETE FROM daemon d WHERE d.worker IN (
                SELECT o.worker FROM daemon o
                WHERE o.seen_at < now() - $1::bigint * interval '1 microsecond' LIMIT $3::int)
            RETURNING pg_column_size(d.*) AS size
        )
        SELECT count(*) AS rows, coalesce(sum(size), 0)::bigint AS bytes,
               CASE WHEN count(*) = $3 THEN $2::bigint END AS next
        FROM gone
        """
    // An account is needed until its period is over, and while a worker that set something aside may still settle with it. Of
    // a worker that was silent for so long, what it had set aside stays paid in an account that is needed.
    case countSpend = """
        WITH past AS (
            SELECT a.id, pg_column_size(a.*) AS size FROM spend_account a
            WHERE a.ends_at < now() - $1::bigint * interval '1 microsecond'
              AND NOT EXISTS (SELECT FROM spend_reservation r WHERE r.account_id = a.id AND r.leased_until >= now())
        ), gone AS (
            SELECT size FROM past
            UNION ALL
            SELECT pg_column_size(r.*) FROM spend_reservation r
            WHERE r.account_id IN (SELECT id FROM past)
               OR (r.is_lapsed AND r.leased_until < now() - $1::bigint * interval '1 microsecond')
        )
        SELECT count(*) AS rows, coalesce(sum(size), 0)::bigint AS bytes FROM gone
        """
    // $2: the accounts after this one. What a use case paid in all is not kept here.
    case pruneSpend = """
        WITH past AS MATERIALIZED (
            SELECT a.id FROM spend_account a
            WHERE a.id > $2::bigint AND a.id <= $2 + $3::int
              AND a.ends_at < now() - $1::bigint * interval '1 microsecond'
              AND NOT EXISTS (SELECT FROM spend_reservation r WHERE r.account_id = a.id AND r.leased_until >= now())
            FOR UPDATE OF a SKIP LOCKED
        ), reservations AS (
            DELETE FROM spend_reservation r
            WHERE r.account_id > $2 AND r.account_id <= $2 + $3
              AND (r.account_id IN (SELECT id FROM past)
                   OR (r.is_lapsed AND r.leased_until < now() - $1::bigint * interval '1 microsecond'))
            RETURNING pg_column_size(r.*) AS size
        ), accounts AS (
            DELETE FROM spend_account a WHERE a.id IN (SELECT id FROM past) RETURNING pg_column_size(a.*) AS size
        )
        SELECT count(*) AS rows, coalesce(sum(size), 0)::bigint AS bytes,
               (SELECT min(o.id) - 1 FROM spend_account o WHERE o.id > $2 + $3) AS next
        FROM (SELECT size FROM reservations UNION ALL SELECT size FROM accounts) AS gone
        """
    case take = """
        INSERT INTO housekeeping AS h (task, worker, leased_until)
        VALUES ('prune', $1, now() + $3::bigint * interval '1 microsecond')
        ON CONFLICT (task) DO UPDATE SET worker = EXCLUDED.worker, leased_until = EXCLUDED.leased_until
        WHERE (h.leased_until IS NULL AND (h.finished_at IS NULL
                                           OR h.finished_at < now() - $2::bigint * interval '1 microsecond'))
           OR h.leased_until < now()
        """
    case renew = """
        UPDATE housekeeping SET leased_until = now() + $2::bigint * interval '1 microsecond'
        WHERE task = 'prune' AND worker = $1 AND leased_until IS NOT NULL
        """
    case done = """
        UPDATE housekeeping SET leased_until = NULL, finished_at = now()
        WHERE task = 'prune' AND worker = $1 AND leased_until IS NOT NULL
        """
}

/// Takes old rows away, a batch at a time, by one daemon at a time.
package struct PostgresHousekeeping: HousekeepingStore {
    let database: Database

    /// Rows of a batch.
    private static let batch = 2000

    package func prunable(
        _ subject: RetentionPolicy.Subject, olderThan age: Duration
    ) async throws -> PruneFigure {
        let statement: HousekeepingStatement? =
            switch subject {
            case .samples: .countSamples
            case .trainingLogs: .countTrainingLogs
            case .responses: .countResponses
            case .work: .countWork
            case .daemons: .countDaemons
            case .spend: .countSpend
            case .jobs, .artifacts, .reports: nil
            }
        guard let statement else { return PruneFigure(subject: subject, table: subject.table) }
        guard let row = try await database.rows(statement, [age.wholeMicroseconds]).first else {
            throw FledgeError.nothingCameBack
        }
        return PruneFigure(
            subject: subject, table: subject.table, rows: try row.get("rows", as: Int.self),
            bytes: try row.get("bytes", as: Int64.self))
    }

    package func prune(
        _ subject: RetentionPolicy.Subject, olderThan age: Duration, from place: Int64
    ) async throws -> PruneStep {
        let statement: HousekeepingStatement? =
            switch subject {
            case .samples: .pruneSamples
            case .trainingLogs: .pruneTrainingLogs
            case .responses: .pruneResponses
            case .work: .pruneWork
            case .daemons: .pruneDaemons
            case .spend: .pruneSpend
            case .jobs, .artifacts, .reports: nil
            }
        guard let statement else { return PruneStep(rows: 0, bytes: 0, next: nil) }
        // The batch may be repeated: rows that are gone already are not counted again.
        guard let row = try await database.rows(statement, [age.wholeMicroseconds, place, Self.batch]).first else {
            throw FledgeError.nothingCameBack
        }
        return PruneStep(
            rows: try row.get("rows", as: Int.self), bytes: try row.get("bytes", as: Int64.self),
            next: try row.get("next", as: Int64?.self))
    }

    package func takeHousekeeping(worker: String, every interval: Duration, lease: Duration) async throws -> Bool {
        try await database.change(
            HousekeepingStatement.take, [worker, interval.wholeMicroseconds, lease.wholeMicroseconds]) == 1
    }

    package func renewHousekeeping(worker: String, lease: Duration) async throws -> Bool {
        try await database.change(HousekeepingStatement.renew, [worker, lease.wholeMicroseconds]) == 1
    }

    package func finishHousekeeping(worker: String) async throws {
        try await database.change(HousekeepingStatement.done, [worker])
    }
}
