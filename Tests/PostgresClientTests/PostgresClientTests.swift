import FledgeTestKit
import PostgresClient
import Testing

@Suite("Queries")
struct QueryTests {
    @Test("a parameter comes back as a row")
    func echoes() async throws {
        let rows = try await PostgresFixture.shared.withDatabase { pool in
            try await pool.query("SELECT $1::int + 1 AS answer, $2::text AS word, NULL::text AS nothing", [41, "tab\t"])
        }
        #expect(rows.count == 1)
        #expect(try rows[0].get("answer", as: Int.self) == 42)
        #expect(try rows[0].get("word", as: String.self) == "tab\t")
        #expect(try rows[0].get("nothing", as: String?.self) == nil)
    }
}
