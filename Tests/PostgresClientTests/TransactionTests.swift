import FledgeTestKit
import PostgresClient
import Testing

@Suite("Transactions")
struct TransactionTests {
    private struct Refusal: Error {}
    let fixture = PostgresFixture.shared

    private func count(_ pool: PostgresPool) async throws -> Int {
        try await pool.query("SELECT count(*) AS n FROM thing")[0].get("n", as: Int.self)
    }

    @Test("what a transaction wrote is there after it")
    func commits() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await pool.execute("CREATE TABLE thing (a int)")
            let value = try await pool.withTransaction { connection in
                try await connection.execute("INSERT INTO thing VALUES (1)")
                return 7
            }
            #expect(value == 7)
            #expect(try await count(pool) == 1)
        }
    }

    @Test("a body that throws leaves nothing behind")
    func rollsBack() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await pool.execute("CREATE TABLE thing (a int)")
            await #expect(throws: Refusal.self) {
                try await pool.withTransaction { connection in
                    try await connection.execute("INSERT INTO thing VALUES (1)")
                    throw Refusal()
                }
            }
            #expect(try await count(pool) == 0)
        }
    }

    @Test("a body that hides a failed statement is told that nothing was committed")
    func abortedCommit() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await pool.execute("CREATE TABLE thing (a int)")
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withTransaction { connection in
                    try await connection.execute("INSERT INTO thing VALUES (1)")
                    _ = try? await connection.execute("SELECT 1 / 0")
                }
            }
            #expect(error?.code == .transactionAborted)
            #expect(try await count(pool) == 0)
        }
    }

    @Test("a connection that is lost before COMMIT says that the outcome is unknown")
    func lostCommit() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await pool.execute("CREATE TABLE thing (a int)")
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withTransaction { connection in
                    try await connection.execute("INSERT INTO thing VALUES (1)")
                    let pid = try await connection.query("SELECT pg_backend_pid() AS pid")[0].get("pid", as: Int.self)
                    try await pool.execute("SELECT pg_terminate_backend($1, 10000)", [pid])
                }
            }
            #expect(error?.code == .commitUnknown)
            #expect(try await count(pool) == 0)
        }
    }

    @Test("a connection that was left in a transaction is not lent again")
    func leftOpen() async throws {
        try await fixture.withDatabase(migrated: false, maximumConnections: 1) { pool in
            try await pool.withConnection { try await $0.script("BEGIN; CREATE TABLE thing (a int)") }
            let rows = try await pool.query("SELECT to_regclass('thing')::text AS name")
            #expect(try rows[0].get("name", as: String?.self) == nil)
        }
    }
}
