import FledgeCore
import FledgeEngine
import PostgresClient

/// Places, and who has them. Whoever asks holds the resource's row while it counts.
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
}

extension PostgresStore: AllotmentStore {
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
            let has = others.count < holders.count
            guard has || others.reduce(0, { $0 + $1.places }) < limit else { return false }
            try await connection.change(
                AllotmentStatement.hold, [resource, holder, 1, 1, lease.wholeMicroseconds])
            return true
        }
    }

    package func giveUp(_ resource: String, of holder: String) async throws {
        try await change(AllotmentStatement.giveUp, [resource, holder])
    }

    nonisolated(nonsending) private func holding<Value: Sendable>(
        _ resource: String, for holder: String,
        _ body: (PostgresConnection, [FairShare.Holder]) async throws -> Value
    ) async throws -> Value {
        try await transaction { connection in
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
            }
            return try await body(connection, holders)
        }
    }
}
