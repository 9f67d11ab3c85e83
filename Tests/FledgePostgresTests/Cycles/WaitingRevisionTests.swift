import FledgeCore
import FledgePostgres
import FledgeTestKit
import Migrations
import PostgresClient
import Testing

@Suite("Revisions that may want a cycle")
struct WaitingRevisionTests {
    @Test("of a database of before, those stay that no cycle has begun on, and a daemon of before adds to them")
    func backfill() async throws {
        try await PostgresFixture.shared.withDatabase(migrated: false) { pool in
            _ = try await Migrations.migrate(pool, migrations: Array(Migrations.all.prefix(13)))
            try await pool.withConnection { try await $0.script(Self.before) }
            _ = try await Migrations.migrate(pool)
            #expect(try await Self.rows(pool) == ["newer 2", "never 1", "opened 1"])
            try await pool.execute(Self.revision, ["live", 2])
            try await pool.execute(Self.revision, ["newer", 3])
            #expect(try await Self.rows(pool) == ["live 2", "newer 3", "never 1", "opened 1"])
        }
    }

    @Test("a look removes those that a cycle has begun on, but not where a newer one comes at the same moment")
    func race() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            let other = try await fixture.startedCycle("shade")
            #expect(try await Self.rows(fixture.pool) == ["colour 1", "shade 1"])
            try await fixture.pool.withConnection { person in
                try await person.script("BEGIN")
                try await person.execute(Self.revision, ["colour", 2])
                async let look = fixture.store.waitingUseCases()
                // It has to wait for the person.
                var waits = false
                for _ in 0..<100_000 where !waits {
                    waits = try await fixture.pool.query(Self.waiters)[0].get("n", as: Int.self) > 0
                }
                #expect(waits)
                try await person.script("COMMIT")
                #expect(try await look == [])
            }
            #expect(try await Self.rows(fixture.pool) == ["colour 2"])
            try await fixture.advance(cycle, by: .cancelled)
            #expect(try await fixture.store.waitingUseCases() == [cycle.useCase])
            #expect(other.state.activity == .experimenting)
        }
    }

    private static func rows(_ pool: PostgresPool) async throws -> [String] {
        try await pool.query(
            """
            SELECT u.name || ' ' || w.number AS row FROM waiting_revision w JOIN use_case u ON u.id = w.use_case_id
            ORDER BY u.id
            """
        ).map { try $0.get("row", as: String.self) }
    }

    private static let waiters = """
        SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
        """
    private static let revision = """
        INSERT INTO definition_revision (use_case_id, number, document, source_text, sha256, snapshot_id, applied_by)
        SELECT u.id, $2, '{}', '', repeat('c', 64), s.id, 'ada'
        FROM use_case u JOIN dataset_snapshot s ON s.use_case_id = u.id WHERE u.name = $1
        """
    private static let before = """
        INSERT INTO use_case (name) VALUES ('live'), ('newer'), ('never'), ('opened'), ('retired');
        INSERT INTO dataset_snapshot (use_case_id, sha256, source_path, row_count)
        SELECT id, repeat('a', 64), 'p', 3 FROM use_case ORDER BY id;
        INSERT INTO definition_revision (use_case_id, number, document, source_text, sha256, snapshot_id, applied_by)
        SELECT u.id, n, '{}', '', repeat('c', 64), u.id, 'ada' FROM use_case u, generate_series(1, 2) n
        WHERE n = 1 OR u.name = 'newer' ORDER BY u.id, n;
        INSERT INTO cycle (use_case_id, number, revision_id, snapshot_id, stage, activity, state, ended_at)
        SELECT u.id, 1, r.id, u.id, c.stage, c.activity, '{}', CASE c.stage WHEN 'retired' THEN now() END
        FROM (VALUES ('live', 'production', 'live'), ('newer', 'production', 'live'),
                     ('opened', 'prompt-prototype', 'none'), ('retired', 'retired', 'none')) AS c (name, stage, activity)
        JOIN use_case u ON u.name = c.name JOIN definition_revision r ON r.use_case_id = u.id AND r.number = 1;
        """
}
