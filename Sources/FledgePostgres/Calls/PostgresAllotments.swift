import FledgeCore
import FledgeEngine
import PostgresClient

/// The statements about places (jobs or calls that may run at once): who has one, and who waits for one. Whoever asks
/// for a place locks the resource's row while it counts, so that two cannot take the last place.
enum AllotmentStatement: String, StoredStatement {
    case lockResource = "SELECT name FROM limited_resource WHERE name = $1 FOR NO KEY UPDATE"
    case makeResource = "INSERT INTO limited_resource (name) VALUES ($1) ON CONFLICT (name) DO NOTHING"
    case holders = """
        SELECT holder, places, wanted FROM allotment WHERE resource = $1 AND leased_until > now() ORDER BY holder
        """
    case hold = """
        INSERT INTO allotment (resource, holder, places, wanted, leased_until)
        VALUES ($1, $2, $3, $4, now() + $5::bigint * interval '1 microsecond')
        ON CONFLICT (resource, holder) DO UPDATE
        SET places = excluded.places, wanted = excluded.wanted, leased_until = excluded.leased_until
        """
    case sweep = "DELETE FROM allotment WHERE resource = $1 AND leased_until < now() - interval '1 hour'"
    case giveUp = "DELETE FROM allotment WHERE resource = $1 AND holder = $2"
    // The holder of a place is a training job's intent, and its use case waits.
    case waiter = """
        SELECT u.name, (r.document->'useCase'->>'priority')::int AS priority
        FROM training_job j JOIN cycle c ON c.id = j.cycle_id JOIN use_case u ON u.id = c.use_case_id
        JOIN definition_revision r ON r.id = c.revision_id
        WHERE j.intent = $1
        """
    // Who waits already keeps its turn.
    case wait = """
        INSERT INTO place_waiter AS w (resource, name, turn_at, leased_until)
        VALUES ($1, $2, now() - $3::bigint * interval '1 microsecond', now() + $4::bigint * interval '1 microsecond')
        ON CONFLICT (resource, name) DO UPDATE
        SET turn_at = CASE WHEN w.leased_until > now() THEN w.turn_at ELSE excluded.turn_at END,
            leased_until = excluded.leased_until
        """
    // A use case whose work is paused or blocked does not wait any more.
    case waiters = """
        SELECT w.name, extract(epoch FROM w.turn_at)::float8 AS turn, coalesce(held.places, 0) AS places
        FROM place_waiter w LEFT JOIN (
            SELECT coalesce(u.name, a.holder) AS name, sum(a.places)::int AS places
            FROM allotment a LEFT JOIN training_job j ON j.intent = a.holder LEFT JOIN cycle c ON c.id = j.cycle_id
            LEFT JOIN use_case u ON u.id = c.use_case_id
            WHERE a.resource = $1 AND a.leased_until > now() GROUP BY 1) held ON held.name = w.name
        WHERE w.resource = $1 AND (w.name = $2 OR w.leased_until > now() AND NOT EXISTS (
            SELECT FROM use_case u WHERE u.name = w.name AND NOT EXISTS (
                SELECT FROM cycle c WHERE c.use_case_id = u.id AND c.ended_at IS NULL AND NOT c.is_paused
                AND c.block_code IS NULL)))
        """
    // Removes the wait on every machine: the work may have waited on another one before.
    case stopWaiting = "DELETE FROM place_waiter WHERE name = $1"
    case sweepWaiters = "DELETE FROM place_waiter WHERE resource = $1 AND leased_until < now() - interval '1 hour'"
}

/// Places that daemons share: calls at a model server, jobs at an executor.
package struct PostgresAllotments: AllotmentStore {
    let database: Database

    package func allot(
        _ resource: String, to holder: String, wanted: Int, inUse: Int, limit: Int, lease: Duration
    ) async throws -> Int {
        try await holding(resource, for: holder) { connection, holders in
            let places = FairShare.places(
                for: holder, wanting: wanted, among: holders.filter { $0.name != holder }, limit: limit)
            try await connection.change(
                AllotmentStatement.hold, [resource, holder, max(places, inUse), wanted, lease.wholeMicroseconds])
            return places
        }
    }

    package func takePlace(_ resource: String, by holder: String, limit: Int, lease: Duration) async throws -> Bool {
        try await holding(resource, for: holder) { connection, holders in
            let others = holders.filter { $0.name != holder }
            if others.count == holders.count {
                let free = limit - others.reduce(0) { $0 + $1.places }
                let asking = try await connection.rows(AllotmentStatement.waiter, [holder]).first
                let name = try asking?.get("name", as: String.self) ?? holder
                let priority = try asking?.get("priority", as: Int?.self) ?? WorkPriority.range.lowerBound
                let headStart = WorkPriority.headStart(priority).wholeMicroseconds
                try await connection.change(
                    AllotmentStatement.wait, [resource, name, headStart, lease.wholeMicroseconds])
                let waiters = try await connection.rows(AllotmentStatement.waiters, [resource, name]).map(Self.waiter)
                guard PlaceTurn.has(name, among: waiters, free: free) else { return false }
                try await connection.change(AllotmentStatement.stopWaiting, [name])
            }
            try await connection.change(
                AllotmentStatement.hold, [resource, holder, 1, 1, lease.wholeMicroseconds])
            return true
        }
    }

    private static func waiter(_ row: PostgresRow) throws -> PlaceTurn.Waiter {
        PlaceTurn.Waiter(
            name: try row.get("name", as: String.self), places: try row.get("places", as: Int.self),
            turn: try row.get("turn", as: Double.self))
    }

    package func giveUp(_ resource: String, of holder: String) async throws {
        try await database.change(AllotmentStatement.giveUp, [resource, holder])
    }

    nonisolated(nonsending) private func holding<Value: Sendable>(
        _ resource: String, for holder: String,
        _ body: (PostgresConnection, [FairShare.Holder]) async throws -> Value
    ) async throws -> Value {
        try await database.transaction { connection in
            if try await connection.rows(AllotmentStatement.lockResource, [resource]).isEmpty {
                try await connection.change(AllotmentStatement.makeResource, [resource])
                _ = try await connection.rows(AllotmentStatement.lockResource, [resource])
            }
            let holders = try await connection.rows(AllotmentStatement.holders, [resource]).map { row in
                FairShare.Holder(
                    name: try row.get("holder", as: String.self), places: try row.get("places", as: Int.self),
                    wanted: try row.get("wanted", as: Int.self))
            }
            // A daemon has another name after each start: whoever comes new takes away those that are long gone.
            if !holders.contains(where: { $0.name == holder }) {
                try await connection.change(AllotmentStatement.sweep, [resource])
                try await connection.change(AllotmentStatement.sweepWaiters, [resource])
            }
            return try await body(connection, holders)
        }
    }
}
