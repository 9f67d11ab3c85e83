import FledgeTestKit
import Migrations
import PostgresClient
import Testing

@testable import FledgePostgres

@Suite("What the role of daemons may do")
struct DatabaseRightsTests {
    /// One that a daemon needs, or one that an intruder would like.
    private static let needed = [
        "SELECT * FROM schema_migration", "SELECT * FROM transition", "UPDATE work_item SET state = state WHERE false",
        "DELETE FROM sample WHERE false", "INSERT INTO use_case (name) VALUES ('x')", "LISTEN news", "NOTIFY news, 'x'",
        "SELECT pg_advisory_xact_lock(1)", "LOCK TABLE work_item IN SHARE ROW EXCLUSIVE MODE",
    ]
    private static let refused = [
        "CREATE TABLE t (n int)", "CREATE TEMP TABLE t (n int)", "ALTER TABLE transition DISABLE TRIGGER ALL",
        "DROP TABLE sample", "TRUNCATE sample", "COPY (SELECT 1) TO PROGRAM 'true'", "COPY sample TO '/dev/null'",
        "SELECT pg_read_file('/etc/passwd')", "SELECT lo_import('/etc/passwd')", "SET ROLE fledge_owner",
        "CREATE ROLE other", "CREATE DATABASE other", "CREATE EXTENSION file_fdw", "ALTER SYSTEM SET work_mem = '1MB'",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "LOAD 'auto_explain'",
        "INSERT INTO schema_migration (version, name, checksum) VALUES (99, 'x', repeat('0', 64))",
        "UPDATE schema_migration SET checksum = repeat('0', 64)", "DELETE FROM schema_migration",
    ]

    private static func expectRights(_ work: PostgresPool, sourceLocation: SourceLocation = #_sourceLocation) async {
        for sql in needed {
            await #expect(throws: Never.self, "\(sql)", sourceLocation: sourceLocation) {
                try await work.withTransaction { _ = try await $0.execute(sql) }
            }
        }
        for sql in refused {
            let error = await #expect(throws: PostgresError.self, "\(sql)", sourceLocation: sourceLocation) {
                try await work.execute(sql)
            }
            #expect(error?.sqlState == DatabaseRights.refused, "\(sql)", sourceLocation: sourceLocation)
        }
    }

    @discardableResult
    private static func using<Value>(
        _ connectionString: String, _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let pool = PostgresPool(
            PostgresConfiguration(connectionString: connectionString, maximumConnections: 2),
            logger: PostgresFixture.shared.logger)
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(pool)) } catch { outcome = .failure(error) }
        await pool.shutdown()
        return try outcome.get()
    }

    private static func withCluster(_ body: (EmbeddedCluster) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let cluster = EmbeddedCluster(
                stateDirectory: directory, environment: ["PATH": "/usr/bin:/bin:/usr/local/bin"],
                settings: ["fsync": "off"], logger: PostgresFixture.shared.logger)
            let outcome: Result<Void, any Error>
            do {
                try await cluster.start()
                outcome = .success(try await body(cluster))
            } catch { outcome = .failure(error) }
            try await cluster.stop()
            try outcome.get()
        }
    }

    /// Migrates as a daemon does.
    private static func migrate(_ cluster: EmbeddedCluster, _ migrations: [Migration] = Migrations.all) async throws {
        try await using(cluster.connectionString()) { work in
            try await using(cluster.connectionString(as: EmbeddedCluster.ownerRole)) { owner in
                _ = try await DatabaseRights.migrating(work: work, owner: owner) {
                    try await Migrations.migrate($0, migrations: migrations)
                }
            }
        }
    }

    @Test("in the private cluster daemons write rows, and neither change tables nor reach files and programs")
    func privateCluster() async throws {
        try await Self.withCluster { cluster in
            try await Self.migrate(cluster)
            try await Self.using(cluster.connectionString()) { work in
                let isSuperuser = try await DatabaseRights.isSuperuser(work)
                #expect(!isSuperuser)
                await Self.expectRights(work)
            }
            try await Self.using(cluster.connectionString(as: EmbeddedCluster.ownerRole)) { owner in
                let isSuperuser = try await DatabaseRights.isSuperuser(owner)
                #expect(isSuperuser)
                try await owner.execute("CREATE TABLE later (n serial PRIMARY KEY)")
            }
            try await Self.using(cluster.connectionString()) { work in
                try await work.execute("INSERT INTO later DEFAULT VALUES")
            }
        }
    }

    @Test(
        "a cluster whose daemons were superusers is changed at the start, also where that was interrupted",
        arguments: [[], ["CREATE ROLE fledge_moving SUPERUSER LOGIN"], ["ALTER ROLE fledge RENAME TO fledge_owner"]])
    func earlierCluster(done: [String]) async throws {
        try await Self.withCluster { cluster in
            // As it was made before: one role, the superuser, with everything in its name.
            try await Self.migrate(cluster, Array(Migrations.all.prefix(20)))
            try await Self.using(cluster.connectionString(as: EmbeddedCluster.ownerRole)) { owner in
                try await owner.execute("INSERT INTO use_case (name) VALUES ('kept')")
                try await owner.execute("DROP OWNED BY fledge")
                try await owner.execute("DROP ROLE fledge")
                try await owner.execute("CREATE ROLE helper SUPERUSER LOGIN")
            }
            try await Self.using(cluster.connectionString(as: "helper")) { helper in
                try await helper.execute("ALTER ROLE fledge_owner RENAME TO fledge")
                for statement in done { try await helper.execute(statement) }
            }
            #expect(try await cluster.start() == .adopted)
            try await Self.migrate(cluster)
            try await Self.using(cluster.connectionString()) { work in
                await Self.expectRights(work)
                let names = try await work.query("SELECT name FROM use_case ORDER BY id").map {
                    try $0.get("name", as: String.self)
                }
                #expect(names == ["kept", "x"])
                let roles = try await work.query("SELECT rolname::text AS name FROM pg_roles WHERE rolname ~ '^fledge'")
                let found = Set(try roles.map { try $0.get("name", as: String.self) })
                #expect(found == ["fledge", "fledge_owner"])
            }
            // A second start finds nothing to do.
            #expect(try await cluster.start() == .adopted)
        }
    }

    @Test("in a database of one's own the owner migrates for a role that only works, now and with the next migration")
    func ownDatabase() async throws {
        try await PostgresFixture.shared.withConnectionString(migrated: false) { connectionString in
            let name = try #require(connectionString.split(separator: "dbname='").last).dropLast()
            func string(_ role: String) -> String {
                connectionString.replacing("user='fledge_owner'", with: "user='\(name) \(role)'")
            }
            try await Self.using(connectionString) { admin in
                for role in ["owner", "work"] { try await admin.execute("CREATE ROLE \"\(name) \(role)\" LOGIN") }
                try await admin.execute("ALTER DATABASE \(name) OWNER TO \"\(name) owner\"")
                try await admin.execute("ALTER SCHEMA public OWNER TO \"\(name) owner\"")
                try await admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            }
            try await Self.using(string("owner")) { owner in
                try await Self.using(string("work")) { work in
                    for count in [20, Migrations.all.count] {
                        // Alone it may do nothing, and is told so by the code that is known.
                        let error = await #expect(throws: PostgresError.self) {
                            try await Migrations.migrate(work, migrations: Array(Migrations.all.prefix(count)))
                        }
                        #expect(error?.sqlState == DatabaseRights.refused)
                        _ = try await DatabaseRights.migrating(work: work, owner: owner) {
                            try await Migrations.migrate($0, migrations: Array(Migrations.all.prefix(count)))
                        }
                    }
                    #expect(try await Migrations.migrate(work).isEmpty)
                    for sql in Self.needed { try await work.withTransaction { _ = try await $0.execute(sql) } }
                    for sql in Self.refused.prefix(5) {
                        let error = await #expect(throws: PostgresError.self) { try await work.execute(sql) }
                        #expect(error?.sqlState == DatabaseRights.refused, "\(sql)")
                    }
                }
            }
            try await Self.using(connectionString) { admin in
                try await admin.execute("REASSIGN OWNED BY \"\(name) owner\" TO fledge_owner")
                for role in ["owner", "work"] { try await admin.execute("DROP OWNED BY \"\(name) \(role)\" CASCADE") }
                for role in ["owner", "work"] { try await admin.execute("DROP ROLE \"\(name) \(role)\"") }
            }
        }
    }

    @Test("a daemon with one role for everything goes on as before")
    func oneRole() async throws {
        try await PostgresFixture.shared.withDatabase(migrated: false) { pool in
            let applied = try await DatabaseRights.migrating(work: pool, owner: nil) {
                try await Migrations.migrate($0)
            }
            #expect(applied.count == Migrations.all.count)
            try await pool.execute("INSERT INTO use_case (name) VALUES ('x')")
            // The owner given as the owner is the same role.
            _ = try await DatabaseRights.migrating(work: pool, owner: pool) { try await Migrations.migrate($0) }
        }
    }
}
