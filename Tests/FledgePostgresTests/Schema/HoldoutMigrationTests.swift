import FledgeTestKit
import Migrations
import PostgresClient
import Testing

@Suite("The ledger of looks at the holdout, in the database")
struct HoldoutMigrationTests {
    @Test("gates of before the ledger are its first looks, and what stands in it stays")
    func backfill() async throws {
        try await PostgresFixture.shared.withDatabase(migrated: false) { pool in
            _ = try await Migrations.migrate(pool, migrations: Array(Migrations.all.prefix(1)))
            try await pool.withConnection { try await $0.script(Self.before) }
            _ = try await Migrations.migrate(pool)
            let looks = try await pool.query(
                "SELECT cardinality(examples) AS n, share, alpha, look FROM holdout_look ORDER BY look")
            #expect(try looks.map { try $0.get("n", as: Int.self) } == [2])
            #expect(try looks.map { try $0.get("share", as: Double.self) } == [0.5])
            #expect(try looks.map { try $0.get("alpha", as: Double.self) } == [0.025])
            // Equal content has an equal key in every snapshot; another answer is another example.
            let keys = try await pool.query("SELECT content_key AS k FROM example ORDER BY id")
            let values = try keys.map { try $0.get("k", as: Int64.self) }
            #expect(values[0] == values[3] && Set(values).count == 3)
            for statement in [
                "UPDATE holdout_look SET share = 0", "DELETE FROM holdout_look", "TRUNCATE holdout_look",
            ] {
                await #expect(throws: PostgresError.self) { try await pool.query(statement) }
            }
        }
    }

    private static let before = """
        INSERT INTO use_case (name) VALUES ('u');
        INSERT INTO dataset_snapshot (use_case_id, sha256, source_path, row_count)
        SELECT 1, repeat(d, 64), 'p', 3 FROM unnest('{a,b}'::text[]) AS d;
        INSERT INTO example (snapshot_id, row_number, split, group_key, inputs, expected) VALUES
            (1, 1, 'holdout', 'a', '{"t": "1"}', 'x'), (1, 2, 'holdout', 'b', '{"t": "2"}', 'x'),
            (1, 3, 'training', 'c', '{"t": "1"}', 'y'), (2, 1, 'prototype', 'a', '{"t": "1"}', 'x');
        INSERT INTO definition_revision (use_case_id, number, document, source_text, sha256, snapshot_id, applied_by)
        VALUES (1, 1, '{}', '', repeat('c', 64), 1, 'ada');
        INSERT INTO cycle (use_case_id, number, revision_id, snapshot_id, stage, activity, state)
        VALUES (1, 1, 1, 1, 'validation', 'deciding', '{}');
        INSERT INTO candidate (id, document) VALUES (repeat('d', 64), '{}');
        INSERT INTO experiment (cycle_id, purpose, round, planned_calls) VALUES (1, 'gate', 1, 2);
        INSERT INTO gate (cycle_id, experiment_id, candidate_id, look, verdict, result) VALUES
            (1, 1, repeat('d', 64), 1, 'failed', '{"looksAllowed": 2, "criteria": [{"alpha": 0.025}]}');
        """
}
