import FledgePostgres
import Glibc
import Logging
import Migrations
import PostgresClient
import Synchronization

/// A private PostgreSQL server for the tests of this process, with a fresh database for each test.
///
/// The server is made at the first use and removed when the process is gone, however it ends.
package final class PostgresFixture: Sendable {
    /// Forgets everything in a power cut, and is much faster for it.
    package static let shared = PostgresFixture(settings: [
        "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "300",
    ])

    private struct Server: Sendable {
        let cluster: EmbeddedCluster
        let admin: PostgresPool
    }

    private static let template = "fledge_template"

    package let logger = Logger(label: "fledge.tests", factory: { _ in SwiftLogNoOpLogHandler() })
    private let server = Mutex<Task<Server, any Error>?>(nil)
    private let databases = Atomic<Int>(0)
    /// Every test has a pool of up to a dozen connections: more tests at once would take more than the server has, and on
    /// few cores they would only wait for each other past their deadlines.
    private let turnstile = Turnstile(places: 12)
    private let settings: [String: String]

    /// - Parameter settings: server settings that replace those of the cluster that `fledged` makes for itself.
    package init(settings: [String: String]) { self.settings = settings }

    /// The running server.
    package var cluster: EmbeddedCluster {
        get async throws { try await started().cluster }
    }

    /// Runs the body with a pool on a database of its own, which is dropped afterwards.
    nonisolated(nonsending) package func withDatabase<Value: Sendable>(
        migrated: Bool = true, maximumConnections: Int = 8, acquireTimeout: Duration = .seconds(300),
        _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        try await withConnectionString(migrated: migrated) { connectionString in
            let pool = PostgresPool(
                PostgresConfiguration(
                    connectionString: connectionString, maximumConnections: maximumConnections,
                    acquireTimeout: acquireTimeout),
                logger: logger)
            do {
                let value = try await body(pool)
                await pool.shutdown()
                return value
            } catch {
                await pool.shutdown()
                throw error
            }
        }
    }

    /// Runs the body with the connection string of a database of its own, which is dropped afterwards.
    nonisolated(nonsending) package func withConnectionString<Value: Sendable>(
        migrated: Bool = true, _ body: (String) async throws -> Value
    ) async throws -> Value {
        await turnstile.enter()
        defer { turnstile.leave() }
        let server = try await started()
        let name = "test_\(databases.add(1, ordering: .relaxed).newValue)"
        try await server.admin.execute(
            "CREATE DATABASE \(name) TEMPLATE \(migrated ? Self.template : "template0")")
        let outcome: Result<Value, any Error>
        do {
            outcome = .success(
                try await body(server.cluster.connectionString(database: name, as: EmbeddedCluster.ownerRole)))
        } catch {
            outcome = .failure(error)
        }
        try await server.admin.execute("DROP DATABASE \(name) WITH (FORCE)")
        return try outcome.get()
    }

    private func started() async throws -> Server {
        // One task for all tests of the process: those that come while it starts wait for the same one.
        let task = server.withLock { task in
            if let task { return task }
            let new = Task { try await self.start() }
            task = new
            return new
        }
        return try await task.value
    }

    private func start() async throws -> Server {
        let directory = try TemporaryDirectory.make()
        let cluster = EmbeddedCluster(
            stateDirectory: directory, environment: ["PATH": "/usr/bin:/bin:/usr/local/bin"],
            settings: settings, logger: logger)
        try await CleanupProcess.start(cluster: cluster.layout, directory: directory)
        try await cluster.start()
        let admin = PostgresPool(
            PostgresConfiguration(
                connectionString: cluster.connectionString(database: "postgres", as: EmbeddedCluster.ownerRole),
                maximumConnections: 4,
                acquireTimeout: .seconds(120)),
            logger: logger)
        try await admin.execute("CREATE DATABASE \(Self.template)")
        let pool = PostgresPool(
            PostgresConfiguration(
                connectionString: cluster.connectionString(database: Self.template, as: EmbeddedCluster.ownerRole)),
            logger: logger)
        try await Migrations.migrate(pool)
        await pool.shutdown()
        return Server(cluster: cluster, admin: admin)
    }
}
