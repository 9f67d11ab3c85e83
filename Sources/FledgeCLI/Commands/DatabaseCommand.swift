import ArgumentParser
import FledgeCore
import FledgeEngine
import FledgePostgres
import Foundation
import Logging
import Migrations
import PostgresClient

struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "Look at the database's schema, update it, take away what is old.",
        subcommands: [Status.self, Migrate.self, Prune.self])

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show which migrations are applied.")

        func run() async throws {
            let statuses = try await Database.withPool { try await Migrations.status($0) }
            Console.write(Database.table(statuses))
        }
    }

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply the migrations that are missing.",
            discussion: """
                By the role that owns the tables, where FLEDGE_DATABASE_OWNER_URL names it; the role of FLEDGE_DATABASE_URL \
                is then given the rights that daemons need.
                """)

        func run() async throws {
            let applied: [Migration]
            do {
                applied = try await Database.withPools { work, owner in
                    try await DatabaseRights.migrating(work: work, owner: owner) { try await Migrations.migrate($0) }
                }
            } catch let error as PostgresError where error.sqlState == DatabaseRights.refused {
                throw FledgeError(
                    "database.not_owner", "this role may not change the tables: \(error.message)",
                    hint: "name the role that owns them in \(DatabaseLocation.ownerVariable)")
            }
            Console.write(
                applied.isEmpty
                    ? "nothing to apply" : applied.map { "applied \($0.version) \($0.name)" }.joined(separator: "\n"))
        }
    }
}

/// The configured database, or the private one, for commands that work without the daemon.
enum Database {
    static func withPool<Value: Sendable>(
        _ body: @Sendable (PostgresPool) async throws -> Value
    ) async throws -> Value {
        try await withPools { work, _ in try await body(work) }
    }

    /// The second pool is that of the tables' owner; nil where the first is.
    static func withPools<Value: Sendable>(
        _ body: @Sendable (PostgresPool, PostgresPool?) async throws -> Value
    ) async throws -> Value {
        let environment = ProcessInfo.processInfo.environment
        let logger = Logger(label: "fledge") { _ in SwiftLogNoOpLogHandler() }
        if let text = DatabaseLocation.resolve(environment: environment).connectionString {
            return try await use(text, DatabaseLocation.owner(environment: environment), logger, body)
        }
        let paths = StatePaths.current()
        let group = ClusterUser.required()?.groupID
        try paths.createState(passableBy: group)
        // Whoever has the state folder starts and stops its server: a daemon's is only used, and no daemon begins meanwhile.
        let lock: StateLock?
        do {
            lock = try StateLock(paths, role: "fledge", isAlone: true)
        } catch {
            guard error.code == .daemonRunning, StateLock.isDaemons(paths) else { throw error }
            lock = nil
        }
        defer { withExtendedLifetime(lock) {} }
        try paths.create(passableBy: group)
        let cluster = EmbeddedCluster(stateDirectory: paths.state, environment: environment, logger: logger)
        let start = try await cluster.start()
        let result: Value
        do {
            result = try await use(
                cluster.connectionString(), cluster.connectionString(as: EmbeddedCluster.ownerRole), logger, body)
        } catch {
            if start == .started, lock != nil { try? await cluster.stop() }
            throw error
        }
        // A daemon's server is left to the daemon.
        if start == .started, lock != nil { try await cluster.stop() }
        return result
    }

    private static func use<Value: Sendable>(
        _ text: String, _ ownerText: String?, _ logger: Logger,
        _ body: @Sendable (PostgresPool, PostgresPool?) async throws -> Value
    ) async throws -> Value {
        let pool = PostgresPool(PostgresConfiguration(connectionString: text, maximumConnections: 2), logger: logger)
        let owner = ownerText.map {
            PostgresPool(PostgresConfiguration(connectionString: $0, maximumConnections: 1), logger: logger)
        }
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(pool, owner)) } catch { outcome = .failure(error) }
        await pool.shutdown()
        await owner?.shutdown()
        return try outcome.get()
    }

    static func table(_ statuses: [MigrationStatus]) -> String {
        TextTable(
            ["#Version", "Name", "State"],
            rows: statuses.map { status in
                let state =
                    switch status.state {
                    case .applied(let date): "applied \(ValueText.date(date))"
                    case .pending: "pending: fledge db migrate"
                    case .changed: "CHANGED since it was applied"
                    case .unknown: "applied by a newer build"
                    }
                return [String(status.version), status.name, state]
            }
        ).render()
    }
}
