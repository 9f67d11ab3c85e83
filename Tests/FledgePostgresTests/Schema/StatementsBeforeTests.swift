import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Testing

@Suite("A daemon of the version before")
struct StatementsBeforeTests {
    private struct Recorded: Codable {
        var name: String
        var sql: String
    }

    /// The statements of the version before, as it sends them. At a release they are recorded anew with FLEDGE_RECORD=1.
    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Golden/statements-before.json")

    @Test("finds everything that its statements name in the newest schema")
    func prepares() async throws {
        if ProcessInfo.processInfo.environment["FLEDGE_RECORD"] == "1" {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(StoredStatements.all.map { Recorded(name: $0.name, sql: $0.sql) }).write(to: Self.file)
        }
        let statements = try JSONDecoder().decode([Recorded].self, from: Data(contentsOf: Self.file))
        #expect(statements.count > 60)
        try await StoresFixture.run { fixture in
            try await fixture.pool.withConnection { connection in
                for (index, statement) in statements.enumerated() {
                    do {
                        try await connection.script("PREPARE before_\(index) AS \(statement.sql)")
                    } catch {
                        Issue.record("\(statement.name): \(error)")
                    }
                }
            }
        }
    }
}
