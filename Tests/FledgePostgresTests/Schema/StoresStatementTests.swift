import FledgePostgres
import PostgresClient
import Testing

@Suite("Every statement of the store")
struct StoresStatementTests {
    @Test("is accepted by the migrated schema")
    func prepares() async throws {
        try await StoresFixture.run { fixture in
            try await fixture.pool.withConnection { connection in
                for (index, statement) in StoredStatements.all.enumerated() {
                    do {
                        try await connection.script("PREPARE statement_\(index) AS \(statement.sql)")
                    } catch {
                        Issue.record("\(statement.name): \(error)")
                    }
                }
            }
        }
    }

    @Test("takes its values as parameters and never quotes a name into itself")
    func hasNames() {
        #expect(StoredStatements.all.count > 60)
        #expect(Set(StoredStatements.all.map(\.name)).count == StoredStatements.all.count)
    }
}
