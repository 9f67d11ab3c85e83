import FledgeCore
import FledgePostgres
import Migrations
import PostgresClient
import Testing

@Suite("What a person is told of the database")
struct DatabaseErrorTests {
    @Test("a connection string that can't be read is a configuration error that names its variable")
    func configuration() {
        let error = FledgeError(PostgresError(.configuration, "unreadable"))
        #expect(error.exitCode == .configuration)
        #expect(error.place == DatabaseLocation.variable)
    }

    @Test("a database that is newer than the build is a configuration error, a failed migration is not")
    func migrations() {
        let newer = FledgeError(MigrationError(code: .databaseNewer, message: "newer", version: 9))
        #expect(newer.code == "migration.database_newer")
        #expect(newer.exitCode == .configuration)
        #expect(FledgeError(MigrationError(code: .failed, message: "failed", version: 1)).exitCode == .software)
    }
}
