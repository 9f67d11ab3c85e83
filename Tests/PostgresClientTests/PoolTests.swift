import FledgeTestKit
import PostgresClient
import Testing

@Suite("The pool")
struct PoolTests {
    let fixture = PostgresFixture.shared

    @Test("more callers than connections all get their turn")
    func sharesConnections() async throws {
        try await fixture.withDatabase(migrated: false, maximumConnections: 3) { pool in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try await pool.query("SELECT $1::int AS n", [number])[0].get("n", as: Int.self)
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 199 * 200 / 2)
            let rows = try await pool.query(
                "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()")
            #expect(try rows[0].get("n", as: Int.self) <= 3)
        }
    }

    @Test("connections that the server ended while idle are replaced unnoticed")
    func replacesDeadConnections() async throws {
        try await fixture.withDatabase(migrated: false, maximumConnections: 4) { pool in
            for _ in 0..<3 {
                // Several connections lie idle, then all but one are ended.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 { group.addTask { try await pool.execute("SELECT pg_sleep(0.02)") } }
                    try await group.waitForAll()
                }
                try await pool.execute(
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 { group.addTask { _ = try await pool.query("SELECT 1") } }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("a connection that breaks in use is an error once, and is replaced")
    func replacesBrokenConnection() async throws {
        try await fixture.withDatabase(migrated: false, maximumConnections: 1) { pool in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.query("SELECT pg_terminate_backend(pg_backend_pid())")
            }
            #expect(error?.code == .connection)
            #expect(error?.isTransient == true)
            let rows = try await pool.query("SELECT 1")
            #expect(rows.count == 1)
        }
    }

    @Test("a caller that waits too long is told so")
    func acquireTimeout() async throws {
        try await fixture.withDatabase(
            migrated: false, maximumConnections: 1, acquireTimeout: .milliseconds(100)
        ) { pool in
            try await pool.withConnection { _ in
                let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
                #expect(error?.code == .acquireTimeout)
            }
            #expect(try await pool.query("SELECT 1").count == 1)
        }
    }

    @Test("a caller that is cancelled while it waits leaves the queue")
    func cancelledWaiter() async throws {
        try await fixture.withDatabase(migrated: false, maximumConnections: 1) { pool in
            try await pool.withConnection { _ in
                let task = Task { try await pool.query("SELECT 1") }
                let waits = await eventually { pool.occupancy.waiting == 1 }
                #expect(waits)
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(pool.occupancy.waiting == 0)
            }
            #expect(try await pool.query("SELECT 1").count == 1)
        }
    }

    @Test("after shutdown the pool refuses work, and its connections are gone")
    func shutdown() async throws {
        try await fixture.withConnectionString(migrated: false) { connectionString in
            let pool = PostgresPool(
                PostgresConfiguration(connectionString: connectionString, applicationName: "shut down"),
                logger: fixture.logger)
            let observer = PostgresPool(
                PostgresConfiguration(connectionString: connectionString), logger: fixture.logger)
            let running = Task { try await pool.query("SELECT pg_sleep(2)") }
            let isActive = try await eventually {
                try await observer.query(
                    "SELECT 1 FROM pg_stat_activity WHERE application_name = 'shut down' AND state = 'active'"
                ).count == 1
            }
            #expect(isActive)
            await pool.shutdown()
            let rows = try await running.value
            #expect(rows.count == 1)
            let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
            #expect(error?.code == .shutdown)
            let isGone = try await eventually {
                try await observer.query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'shut down'").isEmpty
            }
            #expect(isGone)
            await observer.shutdown()
        }
    }

    @Test("a server that is not there, or refuses, is an error that says so, without the password")
    func unreachable() async throws {
        func failure(_ connectionString: String) async -> PostgresError? {
            let pool = PostgresPool(
                PostgresConfiguration(connectionString: connectionString, acquireTimeout: .milliseconds(300)),
                logger: fixture.logger)
            return await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
        }
        let absent = await failure("postgresql://user:canary@127.0.0.1:1/x")
        #expect(absent?.code == .connection)
        #expect(absent?.isTransient == true)
        #expect(!String(describing: absent).contains("canary"))

        for malformed in ["postgresql://user:canary@[::1/x", "postgresql://user:1@canary@host/x", "canary"] {
            let error = await failure(malformed)
            #expect(error?.code == .configuration)
            #expect(!String(describing: error).contains("canary"))
        }

        try await fixture.withConnectionString(migrated: false) { connectionString in
            let noDatabase = await failure(connectionString + " dbname=nowhere")
            #expect(noDatabase?.sqlState == "3D000")
            #expect(noDatabase?.isTransient == false)
            let noRole = await failure(connectionString + " user=nobody_here")
            #expect(noRole?.sqlState == "28000")
        }
    }
}
