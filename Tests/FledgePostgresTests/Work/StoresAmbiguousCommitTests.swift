import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Logging
import PostgresClient
import Testing

/// COMMITs whose answer never comes. The server is made to wait for a standby that does not exist: what waits there is
/// committed, and its session is ended before it can say so.
@Suite("A COMMIT without an answer", .serialized)
struct StoresAmbiguousCommitTests {
    /// Runs the write, ends its session while it waits within COMMIT, and lets the next try through.
    private static let waiting = """
        SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'SyncRep'
        """

    private func cut(_ fixture: StoresFixture, _ write: @escaping @Sendable (PostgresStores) async throws -> Void)
        async throws
    {
        let admin = fixture.pool
        try await admin.withConnection { connection in
            try await connection.script(
                """
                DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = on', current_database()); END $$
                """)
        }
        try await admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try await admin.execute("SELECT pg_reload_conf()")
        let pool = PostgresPool(
            PostgresConfiguration(connectionString: admin.configuration.connectionString, maximumConnections: 4),
            logger: PostgresFixture.shared.logger)
        let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
        let outcome: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                while try await !isHolding(store, admin) {}
                group.addTask { try await write(store) }
                let isThere = try await eventually { try await !admin.query(Self.waiting).isEmpty }
                #expect(isThere, "the write waits within COMMIT")
                // From here on COMMIT waits for nobody; who waits already goes on waiting until its session is ended.
                try await admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
                try await admin.execute("SELECT pg_terminate_backend(pid) FROM (\(Self.waiting)) AS waiting")
                try await admin.execute("SELECT pg_reload_conf()")
                try await group.waitForAll()
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
        try await admin.execute("SELECT pg_reload_conf()")
        await pool.shutdown()
        try outcome.get()
    }

    /// Whether a COMMIT waits by now: the server takes its new settings in its own time. The one that tells is let go.
    private func isHolding(_ store: PostgresStores, _ admin: PostgresPool) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await store.beat(worker: "probe", host: "h", processID: 1)
                return false
            }
            group.addTask { try await eventually { try await !admin.query(Self.waiting).isEmpty } }
            let isHeld = try await group.next() ?? false
            try await admin.execute("SELECT pg_cancel_backend(pid) FROM (\(Self.waiting)) AS waiting")
            group.cancelAll()
            while let _ = await group.nextResult() {}
            return isHeld
        }
    }

    @Test("is looked into: the transition is there once, and its worker is told so", .timeLimit(.minutes(15)))
    func transition() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            let work = try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(3600))[0]
            try await cut(fixture) { store in
                try await store.record(
                    try StoresFixture.transition(cycle, .roundFinished), finishing: work.lease)
            }
            let history = try await fixture.store.history(of: cycle.useCase)
            #expect(history.map(\.event) == ["started", "round-finished"])
            #expect(try await fixture.rowCount("work_item") == 2)
            // The same again is refused as ever: only what was tried is recognised.
            let again = await code {
                try await fixture.store.record(
                    try StoresFixture.transition(cycle, .roundFinished), finishing: work.lease)
            }
            #expect(again == "cycle.conflict")
        }
    }

    @Test("is looked into for the end of a report's work too", .timeLimit(.minutes(15)))
    func ending() async throws {
        try await StoresFixture.run { fixture in
            try await fixture.store.enqueue(report: StoresWorkTests.report("r"))
            let work = try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(3600))[0]
            try await cut(fixture) { store in try await store.finish(work.lease) }
            #expect(try await fixture.rowCount("work_item WHERE state = 'done'") == 1)
        }
    }

    @Test("does not open a cycle twice", .timeLimit(.minutes(15)))
    func opening() async throws {
        try await StoresFixture.run { fixture in
            let useCase = try await fixture.useCase()
            try await cut(fixture) { store in _ = try await store.openCycle(for: useCase, actor: "ada") }
            #expect(try await fixture.rowCount("cycle") == 1)
        }
    }

    @Test("that was undone is written again", .timeLimit(.minutes(15)))
    func undone() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            // The first COMMIT ends its own session before it has committed.
            try await fixture.pool.withConnection { connection in
                try await connection.script(
                    """
                    CREATE SEQUENCE commits;
                    CREATE FUNCTION end_first() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        IF nextval('commits') = 1 THEN
                            PERFORM pg_terminate_backend(pg_backend_pid());
                            PERFORM pg_sleep(10);
                        END IF;
                        RETURN NULL;
                    END $$;
                    CREATE CONSTRAINT TRIGGER end_first AFTER INSERT ON transition DEFERRABLE INITIALLY DEFERRED
                        FOR EACH ROW EXECUTE FUNCTION end_first();
                    """)
            }
            try await fixture.advance(cycle, by: .roundFinished)
            #expect(try await fixture.store.history(of: cycle.useCase).map(\.event) == ["started", "round-finished"])
        }
    }
}
