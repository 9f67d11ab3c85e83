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
        static let configuration = CommandConfiguration(abstract: "Apply the migrations that are missing.")

        func run() async throws {
            let applied = try await Database.withPool { try await Migrations.migrate($0) }
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
        let environment = ProcessInfo.processInfo.environment
        let logger = Logger(label: "fledge") { _ in SwiftLogNoOpLogHandler() }
        if let text = DatabaseLocation.resolve(environment: environment).connectionString {
            return try await use(text, logger, body)
        }
        let paths = StatePaths.current()
        try paths.create()
        let cluster = EmbeddedCluster(stateDirectory: paths.state, environment: environment, logger: logger)
        let start = try await cluster.start()
        let result: Value
        do {
            result = try await use(cluster.connectionString(), logger, body)
        } catch {
            if start == .started { try? await cluster.stop() }
            throw error
        }
        // A daemon's server is left to the daemon.
        if start == .started { try await cluster.stop() }
        return result
    }

    private static func use<Value: Sendable>(
        _ text: String, _ logger: Logger, _ body: @Sendable (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let pool = PostgresPool(PostgresConfiguration(connectionString: text, maximumConnections: 2), logger: logger)
        do {
            let value = try await body(pool)
            await pool.shutdown()
            return value
        } catch {
            await pool.shutdown()
            throw error
        }
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
