import FledgeTestKit
import Foundation
import PostgresClient

/// Work that was taken from a daemon whose lease had run out: on a busy machine also from one that nobody had harmed.
struct Takeovers {
    /// Has the arena's private database note every takeover, beside the schema.
    static func watch(_ pool: PostgresPool) async throws {
        try await pool.withConnection { connection in
            try await connection.script(
                """
                CREATE TABLE chaos_takeover (worker text NOT NULL, at timestamptz NOT NULL);
                CREATE FUNCTION note_takeover() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO chaos_takeover VALUES (OLD.worker, clock_timestamp());
                    RETURN NULL;
                END $$;
                CREATE TRIGGER note_takeover AFTER UPDATE ON work_item FOR EACH ROW
                WHEN (OLD.state = 'leased' AND NEW.fence > OLD.fence) EXECUTE FUNCTION note_takeover();
                """)
        }
    }

    /// A daemon that has lost a lease and lives goes on until it hears of it: as one that was held up.
    ///
    /// - Parameter lives: when which process worked in which daemon's place.
    static func stalls(_ pool: PostgresPool, lives: [DaemonSlot.Life]) async throws -> [RunRecord.Interruption] {
        let byProcess = Dictionary(grouping: lives, by: \.process)
        return try await pool.query("SELECT worker, at FROM chaos_takeover").compactMap { row in
            let at = try row.get("at", as: Date.self)
            // HOST/PROCESS/START
            guard let process = try row.get("worker", as: String.self).split(separator: "/").dropFirst().first,
                let life = byProcess[Int32(process) ?? 0]?.first(where: { $0.from <= at && at <= $0.to })
            else { return nil }
            return RunRecord.Interruption(
                .stalled, daemon: life.daemon, from: at.addingTimeInterval(-2), to: at.addingTimeInterval(2))
        }
    }
}
