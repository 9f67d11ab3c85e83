import FledgeTestKit
import Foundation
import Migrations
import PostgresClient
import Testing

@Suite("Migrations")
struct MigrationTests {
    let fixture = PostgresFixture.shared

    private let first = Migration(
        version: 1, name: "first", sql: Array("CREATE TABLE one (a int); INSERT INTO one VALUES (1)".utf8))
    private let second = Migration(version: 2, name: "second", sql: Array("CREATE TABLE two (a int)".utf8))

    @Test("every file of migrations/sql is in the list, under its own number and name")
    func listed() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../migrations/sql")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".sql") }
        let listed = Migrations.all.map { migration in
            let digits = String(migration.version)
            return "m" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_\(migration.name).sql"
        }
        #expect(files.sorted() == listed)
        #expect(Migrations.all.map(\.version) == Array(1...Migrations.all.count))
        for (file, migration) in zip(listed, Migrations.all) {
            #expect(try String(contentsOf: folder.appending(path: file), encoding: .utf8) == migration.sql)
        }
    }

    @Test("migrating twice applies everything once")
    func idempotent() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            let before = try await Migrations.status(pool)
            #expect(before.allSatisfy { $0.state == .pending })
            let applied = try await Migrations.migrate(pool)
            #expect(applied == Migrations.all)
            let again = try await Migrations.migrate(pool)
            #expect(again.isEmpty)
            let after = try await Migrations.status(pool)
            #expect(after.count == Migrations.all.count)
            #expect(after.allSatisfy { if case .applied = $0.state { true } else { false } })
        }
    }

    @Test("migrators that start together apply everything once")
    func concurrent() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 {
                    group.addTask { try await Migrations.migrate(pool, migrations: [first, second]).count }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.reduce(0, +) == 2, "each migration is one migrator's")
            let rows = try await pool.query("SELECT count(*) AS n FROM one")
            #expect(try rows[0].get("n", as: Int.self) == 1)
        }
    }

    @Test("only what is new is applied")
    func appends() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await Migrations.migrate(pool, migrations: [first])
            let applied = try await Migrations.migrate(pool, migrations: [first, second])
            #expect(applied == [second])
        }
    }

    @Test("a file that changed after it was applied is refused")
    func changed() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await Migrations.migrate(pool, migrations: [first])
            let edited = Migration(version: 1, name: "first", sql: Array("CREATE TABLE one (a bigint)".utf8))
            let error = await #expect(throws: MigrationError.self) {
                try await Migrations.migrate(pool, migrations: [edited, second])
            }
            #expect(error?.code == .checksumChanged)
            let status = try await Migrations.status(pool, migrations: [edited, second])
            guard case .changed = status[0].state else { return _ = Issue.record("the change is shown") }
            #expect(status[1].state == .pending)
        }
    }

    @Test("a migration that was put before an applied one is refused")
    func outOfOrder() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await Migrations.migrate(pool, migrations: [second])
            let error = await #expect(throws: MigrationError.self) {
                try await Migrations.migrate(pool, migrations: [first, second])
            }
            #expect(error?.code == .outOfOrder)
        }
    }

    @Test("a migration that fails leaves nothing behind, and frees the lock")
    func failing() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            let broken = Migration(
                version: 2, name: "broken", sql: Array("CREATE TABLE two (a int); SELECT 1 / 0".utf8))
            let error = await #expect(throws: MigrationError.self) {
                try await Migrations.migrate(pool, migrations: [first, broken])
            }
            #expect(error?.code == .failed)
            #expect(error?.version == 2)
            let applied = try await Migrations.migrate(pool, migrations: [first, second])
            #expect(applied == [second])
        }
    }

    /// A later version's migrations: one that adds, one that takes away what daemons before it needed.
    private let adds = Migration(version: 3, name: "adds", sql: Array("ALTER TABLE two ADD COLUMN b int".utf8))
    private let takes = Migration(
        version: 4, name: "takes", sql: Array("-- contract of m0003\nALTER TABLE two DROP COLUMN a".utf8))

    @Test("a build goes on with a newer schema that only adds, and leaves it as it is")
    func expanded() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await Migrations.migrate(pool, migrations: [first, second, adds])
            let applied = try await Migrations.migrate(pool, migrations: [first, second])
            #expect(applied.isEmpty)
            try await Migrations.check(pool, migrations: [first, second])
            let status = try await Migrations.status(pool, migrations: [first, second])
            guard case .unknown = status[2].state else { return _ = Issue.record("the newer one is shown") }
        }
    }

    @Test("a build refuses a schema that has taken away what it needs, and says what to use")
    func contracted() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await Migrations.migrate(pool, migrations: [first, second, adds, takes])
            // Of the version that the contract waits for: it knows the replacement.
            try await Migrations.check(pool, migrations: [first, second, adds])
            let error = await #expect(throws: MigrationError.self) {
                try await Migrations.migrate(pool, migrations: [first, second])
            }
            #expect(error?.code == .databaseNewer)
            #expect(error?.version == 4)
        }
    }

    @Test("what daemons that run still need is not taken away; when they are gone, it is")
    func waitsForDaemons() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await Migrations.migrate(pool, migrations: [first, second])
            try await pool.withConnection { connection in
                try await connection.script(
                    """
                    CREATE TABLE daemon (worker text PRIMARY KEY, seen_at timestamptz NOT NULL, schema_version int);
                    INSERT INTO daemon VALUES ('old', now(), 2), ('older', now(), NULL), ('new', now(), 3),
                                              ('gone', now() - interval '1 hour', 1);
                    """)
            }
            let error = await #expect(throws: MigrationError.self) {
                try await Migrations.migrate(pool, migrations: [first, second, adds, takes])
            }
            #expect(error?.code == .oldDaemons)
            #expect(error?.message.contains("old, older") == true)
            // What adds is applied all the same: a rolling restart begins with it.
            let status = try await Migrations.status(pool, migrations: [first, second, adds, takes])
            #expect(status.map { $0.state == .pending } == [false, false, false, true])
            try await pool.execute("DELETE FROM daemon WHERE worker LIKE 'old%'")
            let applied = try await Migrations.migrate(pool, migrations: [first, second, adds, takes])
            #expect(applied == [takes])
        }
    }
}
