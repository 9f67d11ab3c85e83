import FledgeTestKit
import PostgresClient
import Testing

@Suite("Broken COMMITs")
struct BrokenCommitTests {
    let fixture = PostgresFixture.shared

    struct Place: Sendable, CustomTestStringConvertible {
        var direction: FaultProxy.Direction
        var offset: Int
        var isHole: Bool

        /// Committed when the last byte of the request has gone through.
        var isCommitted: Bool { direction == .answer || offset == direction.length }
        /// The answer to a whole request may be faster than the cut behind it.
        var mayBeAnswered: Bool { direction == .request && offset == direction.length }
        var testDescription: String { "\(isHole ? "dark" : "cut") after \(offset) bytes of the \(direction)" }
    }

    static let places: [Place] = FaultProxy.Direction.allCases.flatMap { direction in
        // The whole answer is an answer.
        (0...(direction == .answer ? direction.length - 1 : direction.length)).flatMap { offset in
            [false, true].map { Place(direction: direction, offset: offset, isHole: $0) }
        }
    }

    @Test(
        "a COMMIT that is broken at any byte is unknown, and is kept when its last byte went through", arguments: places
    )
    func broken(_ place: Place) async throws {
        try await fixture.withConnectionString(migrated: false) { text in
            let host = try #require(text.firstMatch(of: /host='([^']*)'/)?.1)
            let database = try #require(text.firstMatch(of: /dbname='([^']*)'/)?.1)
            let user = try #require(text.firstMatch(of: /user='([^']*)'/)?.1)
            let direct = PostgresPool(PostgresConfiguration(connectionString: text), logger: fixture.logger)
            try await direct.execute("CREATE TABLE thing (a int)")
            let proxy = FaultProxy(server: "\(host)/.s.PGSQL.5432")
            defer { proxy.close() }
            let port = try proxy.listen()
            let through = PostgresPool(
                PostgresConfiguration(
                    connectionString:
                        "host=127.0.0.1 port=\(port) dbname=\(database) user=\(user) sslmode=disable gssencmode=disable"
                ),
                logger: fixture.logger)
            proxy.arm(
                .init(place.direction, offset: place.offset, place.isHole ? .hole(seconds: 0.05) : .cut), port: port)
            var error: PostgresError?
            do {
                try await through.withTransaction { try await $0.execute("INSERT INTO thing VALUES (1)") }
            } catch let failure as PostgresError { error = failure }
            #expect(error?.code == .commitUnknown || (error == nil && place.mayBeAnswered))
            let isThere = try await eventually {
                // A transaction that is not over yet holds its lock.
                try await direct.query(
                    "SELECT count(*) AS n FROM pg_locks WHERE relation = 'thing'::regclass AND mode = 'RowExclusiveLock'"
                )
                .first?.get("n", as: Int.self) == 0
            }
            #expect(isThere)
            let count = try await direct.query("SELECT count(*) AS n FROM thing").first?.get("n", as: Int.self)
            #expect(count == (place.isCommitted ? 1 : 0))
            await through.shutdown()
            await direct.shutdown()
        }
    }
}
