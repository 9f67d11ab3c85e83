import FoundationEssentials
import PostgresClient

extension Migrations {
    /// Any constant will do, as long as every build of Fledge uses the same.
    private static let lockKey = 0x666c_6564_6765

    private struct Applied {
        let version: Int
        let name: String
        let checksum: String
        let appliedAt: Date
        let needs: Int
    }

    /// Applies what is pending, each in its own transaction; returns what was applied, in order.
    ///
    /// Daemons that start together take turns under an advisory lock; all but the first find nothing to do. The lock ends
    /// with each transaction: behind a pooler, the next statement may reach another session than the one that holds it.
    /// Throws `MigrationError`, or `PostgresError` when the database is not reachable.
    @discardableResult
    package static func migrate(
        _ pool: PostgresPool, migrations: [Migration] = all
    ) async throws -> [Migration] {
        try await pool.withConnection { connection in
            // Mostly there is nothing to do, and nobody to wait for.
            let table = try await connection.query("SELECT to_regclass('schema_migration')::text AS name")
            if try table.first?.get("name", as: String?.self) != nil,
                try pending(migrations, after: try await readApplied(connection)).isEmpty
            {
                return []
            }
            var applied: [Migration] = []
            while let migration = try await applyNext(migrations, connection) { applied.append(migration) }
            return applied
        }
    }

    /// Whether this build can work on the database's schema, which may be newer; changes nothing.
    ///
    /// Throws `MigrationError`.
    package static func check(_ pool: PostgresPool, migrations: [Migration] = all) async throws {
        try await pool.withConnection { connection in
            let table = try await connection.query("SELECT to_regclass('schema_migration')::text AS name")
            guard try table.first?.get("name", as: String?.self) != nil else { return }
            _ = try pending(migrations, after: try await readApplied(connection))
        }
    }

    /// Where each known and each applied migration stands, by version. Changes nothing.
    package static func status(
        _ pool: PostgresPool, migrations: [Migration] = all
    ) async throws -> [MigrationStatus] {
        let applied = try await pool.withConnection { connection in
            let table = try await connection.query("SELECT to_regclass('schema_migration')::text AS name")
            guard try table.first?.get("name", as: String?.self) != nil else { return [Applied]() }
            return try await readApplied(connection)
        }
        let known = Dictionary(uniqueKeysWithValues: migrations.map { ($0.version, $0) })
        let done = Dictionary(uniqueKeysWithValues: applied.map { ($0.version, $0) })
        return Set(known.keys).union(done.keys).sorted().map { version in
            let name = known[version]?.name ?? done[version]?.name ?? ""
            let state: MigrationStatus.State =
                switch (known[version], done[version]) {
                case (let known?, let done?) where known.checksum == done.checksum: .applied(at: done.appliedAt)
                case (_?, let done?): .changed(appliedAt: done.appliedAt)
                case (nil, let done?): .unknown(appliedAt: done.appliedAt)
                case (_, nil): .pending
                }
            return MigrationStatus(version: version, name: name, state: state, needs: known[version]?.needs ?? 0)
        }
    }

    /// - Returns: the migration that was applied; nil when none is pending.
    private static func applyNext(
        _ migrations: [Migration], _ connection: PostgresConnection
    ) async throws -> Migration? {
        try await connection.transaction { connection in
            _ = try await connection.query("SELECT pg_advisory_xact_lock($1)", [lockKey])
            try await connection.script(
                """
                CREATE TABLE IF NOT EXISTS schema_migration (
                    version integer PRIMARY KEY CHECK (version > 0),
                    name text NOT NULL,
                    checksum text NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'),
                    applied_at timestamptz NOT NULL DEFAULT now(),
                    needs integer NOT NULL DEFAULT 0
                )
                """)
            let columns = try await connection.query(
                "SELECT FROM pg_attribute WHERE attrelid = 'schema_migration'::regclass AND attname = 'needs'")
            if columns.isEmpty {
                try await connection.script("ALTER TABLE schema_migration ADD COLUMN needs integer NOT NULL DEFAULT 0")
            }
            guard let migration = try pending(migrations, after: try await readApplied(connection)).first else {
                return nil
            }
            if migration.needs > 0 { try await waitForNone(before: migration, connection) }
            do {
                try await connection.script(migration.sql)
                try await connection.execute(
                    "INSERT INTO schema_migration (version, name, checksum, needs) VALUES ($1, $2, $3, $4)",
                    [migration.version, migration.name, migration.checksum, migration.needs])
            } catch let error as PostgresError where error.code == .statement {
                throw MigrationError(
                    code: .failed,
                    message: "migration \(migration.version) (\(migration.name)) was rolled back: \(error)",
                    version: migration.version)
            }
            return migration
        }
    }

    /// What is still to be applied, or the reason why this database is not one that this build may touch.
    private static func pending(_ migrations: [Migration], after applied: [Applied]) throws -> [Migration] {
        let newestKnown = migrations.map(\.version).max() ?? 0
        for row in applied {
            guard let known = migrations.first(where: { $0.version == row.version }) else {
                // A newer build's, which only added, or took away what this build has a replacement for.
                if row.needs <= newestKnown { continue }
                throw MigrationError(
                    code: .databaseNewer,
                    message:
                        "migration \(row.version) (\(row.name)), which this build does not know, has taken away what "
                        + "builds before schema \(row.needs) need. Use the build that applied it, or a newer one",
                    version: row.version)
            }
            guard known.checksum == row.checksum else {
                throw MigrationError(
                    code: .checksumChanged,
                    message: "migration \(row.version) (\(row.name)) differs from what was applied to the database. "
                        + "Restore its file, and put the change in a new migration",
                    version: row.version)
            }
        }
        let newest = applied.map(\.version).max() ?? 0
        let pending = migrations.filter { migration in !applied.contains { $0.version == migration.version } }
        if let early = pending.first(where: { $0.version < newest }) {
            throw MigrationError(
                code: .outOfOrder,
                message: "migration \(early.version) (\(early.name)) was added before migration \(newest), which is "
                    + "applied. Give it the next number",
                version: early.version)
        }
        return pending.sorted { $0.version < $1.version }
    }

    private static func readApplied(_ connection: PostgresConnection) async throws -> [Applied] {
        try await connection.query(
            // By way of JSON, since an older build's table has no such column.
            """
            SELECT version, name, checksum, applied_at, coalesce((to_jsonb(m)->>'needs')::int, 0) AS needs
            FROM schema_migration m ORDER BY version
            """
        ).map { row in
            Applied(
                version: try row.get("version", as: Int.self),
                name: try row.get("name", as: String.self),
                checksum: try row.get("checksum", as: String.self),
                appliedAt: try row.get("applied_at", as: Date.self), needs: try row.get("needs", as: Int.self))
        }
    }

    /// A daemon that has given a sign of life in the last minute and needs what the migration takes away holds it up.
    private static func waitForNone(before migration: Migration, _ connection: PostgresConnection) async throws {
        let table = try await connection.query("SELECT to_regclass('daemon')::text AS name")
        guard try table.first?.get("name", as: String?.self) != nil else { return }
        let old = try await connection.query(
            """
            SELECT worker FROM daemon d WHERE seen_at > now() - interval '1 minute'
              AND coalesce((to_jsonb(d)->>'schema_version')::int, 0) < $1 ORDER BY worker
            """, [migration.needs]
        ).map { try $0.get("worker", as: String.self) }
        guard !old.isEmpty else { return }
        throw MigrationError(
            code: .oldDaemons,
            message: "migration \(migration.version) (\(migration.name)) takes away what these daemons need: "
                + "\(old.joined(separator: ", ")). Bring them to this version with FLEDGE_MIGRATE=false, or stop them; a "
                + "minute later it can be applied",
            version: migration.version)
    }
}
