import FledgeTestKit
import PostgresClient
import Testing

@Suite("Cancellation")
struct CancellationTests {
    let fixture = PostgresFixture.shared

    /// Waits until a backend of this database runs a statement that contains the text.
    private func isRunning(_ text: String, _ pool: PostgresPool) async throws -> Bool {
        try await eventually {
            let rows = try await pool.query(
                """
                SELECT count(*) AS n FROM pg_stat_activity
                WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid() AND query LIKE $1
                """, ["%\(text)%"])
            return try rows[0].get("n", as: Int.self) > 0
        }
    }

    @Test("cancelling the task ends the statement on the server, and the connection goes on")
    func cancelsQuery() async throws {
        try await fixture.withDatabase(migrated: false, maximumConnections: 2) { pool in
            let task = Task { try await pool.query("SELECT pg_sleep(600)") }
            #expect(try await isRunning("pg_sleep", pool))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let rows = try await pool.query(
                "SELECT count(*) AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600)' AND datname = current_database()"
            )
            #expect(try rows[0].get("n", as: Int.self) == 0)
        }
    }

    @Test("a cancelled transaction is rolled back")
    func cancelsTransaction() async throws {
        try await fixture.withDatabase(migrated: false, maximumConnections: 2) { pool in
            try await pool.execute("CREATE TABLE thing (a int)")
            let task = Task {
                try await pool.withTransaction { connection in
                    try await connection.execute("INSERT INTO thing VALUES (1)")
                    try await connection.execute("SELECT pg_sleep(600)")
                }
            }
            #expect(try await isRunning("pg_sleep", pool))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let rows = try await pool.query("SELECT count(*) AS n FROM thing")
            #expect(try rows[0].get("n", as: Int.self) == 0)
        }
    }

    @Test("a task that is cancelled already runs nothing")
    func cancelledBefore() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await pool.execute("CREATE TABLE thing (a int)")
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await pool.execute("INSERT INTO thing VALUES (1)")
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let rows = try await pool.query("SELECT count(*) AS n FROM thing")
            #expect(try rows[0].get("n", as: Int.self) == 0)
        }
    }

    @Test("a late cancellation never hits the statement after it")
    func neverHitsTheNext() async throws {
        try await fixture.withDatabase(migrated: false, maximumConnections: 2) { pool in
            try await pool.withConnection { holder in
                for number in 0..<50 {
                    try await holder.execute("SELECT pg_advisory_lock(7)")
                    let task = Task { try await pool.query("SELECT pg_advisory_xact_lock(7)") }
                    let waits = try await eventually {
                        try await holder.query(
                            """
                            SELECT 1 FROM pg_stat_activity
                            WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'
                            """
                        ).count == 1
                    }
                    #expect(waits)
                    // Just before the statement ends, or just after.
                    if number.isMultiple(of: 2) { task.cancel() }
                    try await holder.execute("SELECT pg_advisory_unlock(7)")
                    task.cancel()
                    _ = await task.result
                    let rows = try await pool.query("SELECT count(*) FROM generate_series(1, 1000)")
                    #expect(rows.count == 1)
                }
            }
        }
    }

    @Test("a statement that somebody else cancels is an error, not a cancellation")
    func cancelledByOthers() async throws {
        try await fixture.withDatabase(migrated: false, maximumConnections: 2) { pool in
            let task = Task { try await pool.query("SELECT pg_sleep(600)") }
            #expect(try await isRunning("pg_sleep", pool))
            try await pool.execute(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' AND datname = current_database() AND pid <> pg_backend_pid()"
            )
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
    }
}
