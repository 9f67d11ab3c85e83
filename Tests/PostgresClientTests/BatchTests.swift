import FledgeTestKit
import PostgresClient
import Testing

@Suite("Batches")
struct BatchTests {
    let fixture = PostgresFixture.shared

    @Test("a pipeline answers in order, and prepares each statement once")
    func pipelines() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await pool.withConnection { connection in
                for _ in 0..<2 {
                    let results = try await connection.pipeline(
                        (0..<500).map { PostgresStatement("SELECT $1::int AS piped", [$0]) })
                    let numbers = try results.map { try $0.rows[0].get("piped", as: Int.self) }
                    #expect(numbers == Array(0..<500))
                }
                let rows = try await connection.query(
                    "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE '%piped'")
                #expect(try rows[0].get("n", as: Int.self) == 1)
            }
        }
    }

    @Test("a pipeline larger than every buffer on the way does not block")
    func bigPipeline() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            let text = String(repeating: "x", count: 100_000)
            let results = try await pool.withConnection { connection in
                try await connection.pipeline((0..<200).map { _ in PostgresStatement("SELECT $1::text AS t", [text]) })
            }
            #expect(results.count == 200)
            #expect(try results[199].rows[0].get("t", as: String.self).utf8.count == 100_000)
        }
    }

    @Test("a statement that fails undoes its pipeline, and the connection goes on", arguments: [0, 3, 9])
    func failingPipeline(position: Int) async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await pool.execute("CREATE TABLE thing (a int UNIQUE)")
            try await pool.withConnection { connection in
                var batch = (1...9).map { PostgresStatement("INSERT INTO thing VALUES ($1)", [$0]) }
                batch.insert(PostgresStatement("SELECT 1 / $1::int AS broken", [0]), at: position)
                let error = await #expect(throws: PostgresError.self) { try await connection.pipeline(batch) }
                #expect(error?.sqlState == "22012")
                #expect(error?.query?.contains("broken") == true)
                let rows = try await connection.query("SELECT count(*) AS n FROM thing")
                #expect(try rows[0].get("n", as: Int.self) == 0)
                batch.remove(at: position)
                #expect(try await connection.pipeline(batch).map(\.affectedRows) == Array(repeating: 1, count: 9))
            }
        }
    }

    @Test("a pipeline with a statement that does not parse fails as a whole, and can be repaired")
    func unparsablePipeline() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await pool.withConnection { connection in
                for _ in 0..<2 {
                    let error = await #expect(throws: PostgresError.self) {
                        try await connection.pipeline([PostgresStatement("SELECT 1"), PostgresStatement("SELEC 2")])
                    }
                    #expect(error?.sqlState == "42601")
                }
                let repaired = try await connection.pipeline([PostgresStatement("SELECT 1")])
                #expect(repaired.count == 1)
            }
        }
    }

    @Test("COPY writes what it was given, whatever it looks like")
    func copies() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await pool.execute(#"CREATE TABLE "odd ""name" (id int, "the text" text, list text[])"#)
            let texts: [String?] = ["plain", nil, "", "tab\tline\nreturn\r", "\\N", "\\.", "back\\slash", "ü🎉"]
            try await pool.withConnection { connection in
                let copied = try await connection.copyIn(
                    #"odd "name"#, columns: ["id", "the text", "list"],
                    rows: texts.enumerated().map { [$0, $1, ["\t", "\\"]] })
                #expect(copied == texts.count)
                let rows = try await connection.query(
                    #"SELECT "the text" AS t, list FROM "odd ""name" ORDER BY id"#)
                #expect(try rows.map { try $0.get("t", as: String?.self) } == texts)
                #expect(try rows[0].get("list", as: [String].self) == ["\t", "\\"])
            }
        }
    }

    @Test("COPY of many rows")
    func copiesMany() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await pool.execute("CREATE TABLE thing (id int, word text)")
            let count = try await pool.withConnection { connection in
                try await connection.copyIn(
                    "public.thing", columns: ["id", "word"], rows: (0..<50_000).map { (id: Int) in [id, "word \(id)"] })
            }
            #expect(count == 50_000)
            let rows = try await pool.query("SELECT count(DISTINCT word) AS n FROM thing")
            #expect(try rows[0].get("n", as: Int.self) == 50_000)
        }
    }

    @Test("a row that COPY can't take leaves nothing behind, and the connection goes on")
    func failingCopy() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            try await pool.execute("CREATE TABLE thing (id int)")
            try await pool.withConnection { connection in
                for rows in [[[1], ["no number"]], [[1], [1, 2]], [[1], ["\u{0}"]]] as [[[(any PostgresEncodable)?]]] {
                    let error = await #expect(throws: PostgresError.self) {
                        try await connection.copyIn("thing", columns: ["id"], rows: rows)
                    }
                    #expect(!String(describing: error).contains("no number"))
                }
                let rows = try await connection.query("SELECT count(*) AS n FROM thing")
                #expect(try rows[0].get("n", as: Int.self) == 0)
            }
        }
    }
}
