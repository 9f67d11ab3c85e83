import FledgeTestKit
import Foundation
import ManagedProcess
import PostgresClient
import Testing

@Suite("fledge db prune")
struct DatabasePruneTests {
    private struct Outcome: Decodable {
        struct Table: Decodable {
            let table: String
            let rows: Int
            let bytes: Int
        }

        let dryRun: Bool
        let tables: [Table]
    }

    @Test("says what would go, then takes it away, and refuses an age that it can't read")
    func prunes() async throws {
        try await TemporaryDirectory.with { folder in
            try await PostgresFixture.shared.withDatabase { pool in
                try await pool.execute(
                    """
                    INSERT INTO response_cache (request_sha256, response, created_at)
                    SELECT encode(sha256(g::text::bytea), 'hex'), '{}', now() + interval '12 hours' - g * interval '1 day'
                    FROM generate_series(1, 50) g
                    """)
                func prune(_ arguments: String...) async throws -> (exit: ProcessExit, text: Data) {
                    let command = try BuiltPrograms.command(
                        "fledge", ["db", "prune"] + arguments, in: folder,
                        environment: ["FLEDGE_DATABASE_URL": pool.configuration.connectionString])
                    let result = try await command.run(timeout: .seconds(60))
                    return (result.exit, Data(result.output.utf8))
                }
                func rows(_ data: Data) throws -> (Bool, Int?) {
                    let outcome = try JSONDecoder().decode(Outcome.self, from: data)
                    return (outcome.dryRun, outcome.tables.first { $0.table == "response_cache" }?.rows)
                }
                let planned = try rows(try await prune("--dry-run", "--output", "json").text)
                #expect(planned == (true, 20))
                let older = try rows(try await prune("--dry-run", "--older-than", "10d", "--output", "json").text)
                #expect(older == (true, 40))
                let gone = try rows(try await prune("--output", "json").text)
                #expect(gone == (false, 20))
                let left = try await pool.query("SELECT count(*) AS n FROM response_cache")[0].get("n", as: Int.self)
                #expect(left == 30)
                let table = String(decoding: try await prune("--older-than", "1d").text, as: UTF8.self)
                #expect(table.contains("response_cache"))
                #expect(try await prune("--older-than", "soon").exit == .exited(64))
            }
        }
    }
}
