import FledgeTestKit
import PostgresClient
import Testing

@Suite("Queries")
struct QueryTests {
    let fixture = PostgresFixture.shared

    @Test("a parameter comes back as a row")
    func echoes() async throws {
        let rows = try await fixture.withDatabase { pool in
            try await pool.query(
                "SELECT $1::int + 1 AS answer, $2::text AS word, NULL::text AS nothing", [41, "tab\t"])
        }
        #expect(rows.count == 1)
        #expect(try rows[0].get("answer", as: Int.self) == 42)
        #expect(try rows[0].get("word", as: String.self) == "tab\t")
        #expect(try rows[0].get("nothing", as: String?.self) == nil)
    }

    @Test("a statement is prepared once on a connection")
    func preparesOnce() async throws {
        try await fixture.withDatabase(maximumConnections: 1) { pool in
            for number in 0..<5 { _ = try await pool.query("SELECT $1::int AS prepared_once", [number]) }
            let rows = try await pool.query(
                "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE '%prepared_once'")
            #expect(try rows[0].get("n", as: Int.self) == 1)
        }
    }

    @Test("the number of prepared statements of a connection is bounded")
    func evictsStatements() async throws {
        try await fixture.withDatabase(maximumConnections: 1) { pool in
            try await pool.withConnection { connection in
                for number in 0..<300 { _ = try await connection.query("SELECT \(number) AS n") }
                let rows = try await connection.query("SELECT count(*) AS n FROM pg_prepared_statements")
                #expect(try rows[0].get("n", as: Int.self) <= 256)
            }
        }
    }

    @Test("a plan that the schema has outlived is prepared again")
    func replans() async throws {
        try await fixture.withDatabase(maximumConnections: 1) { pool in
            try await pool.execute("CREATE TABLE thing (a int)")
            try await pool.execute("INSERT INTO thing VALUES (1)")
            #expect(try await pool.query("SELECT * FROM thing")[0].get("a", as: Int.self) == 1)
            try await pool.execute("ALTER TABLE thing ALTER a TYPE text")
            #expect(try await pool.query("SELECT * FROM thing")[0].get("a", as: String.self) == "1")
            try await pool.execute("DISCARD ALL")
            #expect(try await pool.query("SELECT * FROM thing")[0].get("a", as: String.self) == "1")
        }
    }

    @Test("execute says how many rows it changed")
    func counts() async throws {
        try await fixture.withDatabase { pool in
            try await pool.execute("CREATE TABLE thing (a int)")
            let inserted = try await pool.execute("INSERT INTO thing SELECT generate_series(1, $1::int)", [7])
            let deleted = try await pool.execute("DELETE FROM thing WHERE a > $1", [5])
            #expect(inserted == 7)
            #expect(deleted == 2)
        }
    }

    @Test("a script runs several statements, all or none")
    func script() async throws {
        try await fixture.withDatabase { pool in
            try await pool.withConnection { connection in
                try await connection.script("CREATE TABLE thing (a int); INSERT INTO thing VALUES (1), (2)")
                await #expect(throws: PostgresError.self) {
                    try await connection.script("INSERT INTO thing VALUES (3); SELECT 1 / 0")
                }
                let rows = try await connection.query("SELECT count(*) AS n FROM thing")
                #expect(try rows[0].get("n", as: Int.self) == 2)
            }
        }
    }

    @Test(
        "an error carries the server's SQLSTATE",
        arguments: [
            ("SELEC 1", "42601"),
            ("SELECT 1 / 0", "22012"),
            ("SELECT * FROM nowhere", "42P01"),
            ("INSERT INTO thing VALUES (1), (1)", "23505"),
            ("INSERT INTO thing VALUES (-1)", "23514"),
            ("INSERT INTO thing VALUES (NULL)", "23502"),
        ])
    func sqlStates(sql: String, state: String) async throws {
        try await fixture.withDatabase { pool in
            try await pool.execute("CREATE TABLE thing (a int PRIMARY KEY CONSTRAINT positive CHECK (a > 0))")
            let error = await #expect(throws: PostgresError.self) { try await pool.execute(sql) }
            #expect(error?.sqlState == state)
            #expect(error?.code == .statement)
            if state == "23514" { #expect(error?.constraint == "positive") }
            // The connection goes on.
            #expect(try await pool.query("SELECT 1").count == 1)
        }
    }

    @Test(
        "an error's description never shows a parameter's value",
        arguments: [
            "SELECT $1::int", "SELECT $1::jsonb", "SELECT $1::uuid", "SELECT $1::timestamptz",
            "INSERT INTO thing VALUES ($1), ($1)", "INSERT INTO strict VALUES ($1)",
        ])
    func hidesValues(sql: String) async throws {
        try await fixture.withDatabase { pool in
            try await pool.execute("CREATE TABLE thing (a text PRIMARY KEY)")
            try await pool.execute("CREATE TABLE strict (a text CHECK (a = ''))")
            let error = await #expect(throws: PostgresError.self) { try await pool.execute(sql, ["canary value"]) }
            #expect(error?.sqlState != nil)
            #expect(!String(describing: error).contains("canary"))
            #expect(!String(reflecting: error).contains("canary"))
        }
    }

    @Test("a text with a NUL byte is refused, not cut")
    func refusesNUL() async throws {
        try await fixture.withDatabase { pool in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.query("SELECT $1::text", ["before\u{0}after"])
            }
            #expect(error?.code == .parameter)
        }
    }

    @Test("a column that is missing, NULL or of another type is an error that names it")
    func decodingErrors() async throws {
        let row = try await fixture.withDatabase { pool in
            try await pool.query("SELECT 'x' AS word, NULL::int AS nothing")[0]
        }
        for error in [
            #expect(throws: PostgresError.self) { try row.get("absent", as: Int.self) },
            #expect(throws: PostgresError.self) { try row.get("word", as: Int.self) },
            #expect(throws: PostgresError.self) { try row.get("nothing", as: Int.self) },
        ] {
            #expect(error?.code == .decoding)
        }
    }
}
