import FledgeTestKit
import Logging
import PostgresClient
import Testing

@Suite("Sessions that a pooler lends")
struct PoolerTests {
    let fixture = PostgresFixture.shared

    @Test(
        "prepared=off is our own option and does not reach libpq",
        arguments: [
            ("postgresql://a@b/c?prepared=off", "postgresql://a@b/c", false),
            ("postgresql://a@b/c?sslmode=disable&prepared=off", "postgresql://a@b/c?sslmode=disable", false),
            ("postgresql://a@b/c?prepared=on&sslmode=disable", "postgresql://a@b/c?sslmode=disable", true),
            ("postgresql://prepared=off@b/c", "postgresql://prepared=off@b/c", true),
            ("host=b dbname=c prepared=off", "host=b dbname=c", false),
            ("host=b dbname='c d'", "host=b dbname='c d'", true), ("", "", true),
        ])
    func option(_ given: String, _ kept: String, _ hasOwnSessions: Bool) {
        let configuration = PostgresConfiguration(connectionString: given)
        #expect(configuration.connectionString == kept)
        #expect(configuration.hasOwnSessions == hasOwnSessions)
    }

    @Test("without own sessions nothing is left prepared, and everything else works")
    func unprepared() async throws {
        try await fixture.withConnectionString(migrated: false) { text in
            let pool = PostgresPool(
                PostgresConfiguration(connectionString: text + " prepared=off", maximumConnections: 1),
                logger: fixture.logger)
            let prepared = try await pool.withTransaction { connection in
                try await connection.script("CREATE TABLE thing (a int)")
                try await connection.pipeline([
                    PostgresStatement("INSERT INTO thing VALUES ($1)", [1]),
                    PostgresStatement("INSERT INTO thing VALUES ($1)", [2]),
                ])
                _ = try await connection.copyIn("thing", columns: ["a"], rows: [[3]])
                return try await connection.query("SELECT count(*) AS n FROM pg_prepared_statements")
            }
            #expect(try prepared.first?.get("n", as: Int.self) == 0)
            #expect(try await pool.query("SELECT sum(a) AS n FROM thing").first?.get("n", as: Int.self) == 6)
            await pool.shutdown()
        }
    }
}
