import FledgePostgres
import Testing

@Suite("Which database")
struct DatabaseLocationTests {
    @Test(
        "Fledge's own variable comes before libpq's, and a private cluster comes last",
        arguments: [
            (["FLEDGE_DATABASE_URL": "postgresql://h/d", "PGHOST": "other"], DatabaseLocation.url("postgresql://h/d")),
            (["PGHOST": "other"], .environment),
            (["PGSERVICE": "mine"], .environment),
            (["PGDATABASE": "mine"], .environment),
            (["PGUSER": "me", "PGPASSWORD": "x"], .embedded),
            (["FLEDGE_DATABASE_URL": "", "PGHOST": ""], .embedded),
            ([:], .embedded),
        ])
    func resolves(environment: [String: String], expected: DatabaseLocation) {
        #expect(DatabaseLocation.resolve(environment: environment) == expected)
    }
}
