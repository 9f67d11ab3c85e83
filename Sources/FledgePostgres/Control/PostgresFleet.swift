import FledgeCore
import FledgeEngine
import PostgresClient

/// Figures over all daemons, for the metrics. Each statement bounds the rows that it reads, whatever the number of use
/// cases.
enum FleetStatement: String, StoredStatement {
    case queue = """
        SELECT kind, state, count(*) AS count FROM (
            (SELECT kind, CASE WHEN run_at <= now() THEN 'due' ELSE 'waiting' END AS state
             FROM work_item WHERE state = 'queued' ORDER BY turn_at, id LIMIT $1)
            UNION ALL
            (SELECT kind, 'leased' FROM work_item WHERE state = 'leased' ORDER BY leased_until LIMIT $1)
            UNION ALL
            (SELECT kind, 'dead' FROM work_item WHERE state = 'dead' ORDER BY id LIMIT $1)
        ) AS open GROUP BY kind, state ORDER BY kind, state
        """
    // Looks for the oldest work only among the pieces whose turn is next: a priority moves a turn by minutes, so the
    // oldest of all cannot be far behind them.
    case ages = """
        SELECT coalesce((SELECT extract(epoch FROM now() - min(oldest.run_at))::float8
                         FROM (SELECT w.run_at FROM work_item w
                               WHERE w.state = 'queued' AND w.turn_at <= now() AND w.run_at <= now()
                               ORDER BY w.turn_at, w.id LIMIT $1) oldest), 0) AS oldest_due,
               (SELECT count(*) FROM (SELECT FROM work_item WHERE state = 'leased' AND leased_until < now()
                                      LIMIT $1) expired) AS expired,
               coalesce((SELECT extract(epoch FROM now() - s.next_slot)::float8 FROM report_schedule s
                         WHERE s.is_active AND s.next_slot <= now() ORDER BY s.next_slot LIMIT 1), 0) AS overdue,
               (SELECT count(*) FROM daemon WHERE seen_at > now() - interval '1 minute') AS daemons,
               (SELECT greatest(reltuples, 0)::float8 FROM pg_class WHERE oid = 'use_case'::regclass) AS use_cases
        """
    case training = """
        SELECT j.state, count(*) AS count, sum(point.step) FILTER (WHERE j.total_steps > 0) AS done,
               sum(j.total_steps) AS total, max(j.eta_seconds) AS eta
        FROM training_job j
        LEFT JOIN LATERAL (SELECT coalesce(max(t.step), 0) AS step FROM training_point t
                           WHERE t.training_job_id = j.id AND j.state = 'running') point ON true
        WHERE j.state IN ('intended', 'submitted', 'running', 'unknown') GROUP BY j.state
        """
}

/// The figures of all daemons together, and whether the database answers.
package struct PostgresFleet: FleetStore {
    let database: Database

    package init(database: Database) { self.database = database }

    package func fleetFigures() async throws -> FleetFigures {
        var figures = FleetFigures()
        figures.queue = try await database.rows(FleetStatement.queue, [FleetFigures.countedRows]).map { row in
            FleetFigures.Queue(
                kind: try row.get("kind", as: String.self), state: try row.get("state", as: String.self),
                count: try row.get("count", as: Int.self))
        }
        if let row = try await database.rows(FleetStatement.ages, [FleetFigures.countedRows]).first {
            figures.oldestDue = try row.get("oldest_due", as: Double.self)
            figures.expiredLeases = try row.get("expired", as: Int.self)
            figures.scheduleOverdue = try row.get("overdue", as: Double.self)
            figures.daemons = try row.get("daemons", as: Int.self)
            figures.useCases = try row.get("use_cases", as: Double.self)
        }
        for row in try await database.rows(FleetStatement.training) {
            let state = try row.get("state", as: String.self)
            figures.trainingJobs[state] = try row.get("count", as: Int.self)
            guard state == "running" else { continue }
            if let total = try row.get("total", as: Int?.self), total > 0 {
                figures.trainingProgress = Double(try row.get("done", as: Int?.self) ?? 0) / Double(total)
            }
            figures.trainingETA = try row.get("eta", as: Double?.self)
        }
        return figures
    }

    /// Whether the database answers. - Throws: `database.unreachable`, `database.busy`.
    package func ping() async throws {
        do { _ = try await database.pool.query("SELECT 1") } catch let error as PostgresError {
            throw FledgeError(error)
        }
    }
}
