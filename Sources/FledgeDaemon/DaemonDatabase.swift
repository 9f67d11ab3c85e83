import FledgeCore
import FledgeEngine
import FledgePostgres
import Foundation
import Logging
import Migrations
import PostgresClient

/// The daemon's database: the one that is configured, or a private cluster that it starts and stops itself.
struct DaemonDatabase: Sendable {
    private let cluster: EmbeddedCluster?
    private let connectionString: String
    /// The connection string of the role that owns the tables, which migrations need; nil where the daemon works as
    /// that role.
    private let ownerConnectionString: String?
    private let migrates: Bool
    private let logger: Logger
    /// Where the database is, as it is shown to people: without a user or a password.
    let shownLocation: String

    init(configuration: DaemonConfiguration, logger: Logger) {
        self.logger = logger
        migrates = configuration.migrates
        switch configuration.database {
        case .embedded:
            let cluster = EmbeddedCluster(
                stateDirectory: configuration.paths.state, environment: configuration.environment, logger: logger)
            self.cluster = cluster
            connectionString = cluster.connectionString()
            ownerConnectionString = cluster.connectionString(as: EmbeddedCluster.ownerRole)
            shownLocation = "embedded in \(configuration.paths.state)"
        case .url(let url):
            cluster = nil
            connectionString = url
            ownerConnectionString = DatabaseLocation.owner(environment: configuration.environment)
            let components = URLComponents(string: url)
            shownLocation = components?.host.map { "\($0)\(components?.path ?? "")" } ?? "FLEDGE_DATABASE_URL"
        case .environment:
            cluster = nil
            connectionString = ""
            ownerConnectionString = DatabaseLocation.owner(environment: configuration.environment)
            shownLocation = "libpq's environment variables"
        }
    }

    /// Starts the cluster where there is one, connects, and brings the schema up to date.
    func open() async throws -> PostgresPool {
        if let cluster {
            let start = try await cluster.start()
            logger.info("the private PostgreSQL runs", metadata: ["start": "\(start)"])
        }
        let pool = PostgresPool(
            PostgresConfiguration(
                connectionString: connectionString, maximumConnections: 8, applicationName: "fledged"),
            logger: logger)
        do {
            if migrates {
                for migration in try await migrate(pool) {
                    logger.info("migrated", metadata: ["version": "\(migration.version)", "name": "\(migration.name)"])
                }
            } else if try await Migrations.status(pool).contains(where: { $0.state == .pending && $0.needs == 0 }) {
                throw FledgeError(
                    "database.not_migrated", "the database lacks migrations, and FLEDGE_MIGRATE is false",
                    hint: "fledge db migrate")
            } else {
                try await Migrations.check(pool)
            }
        } catch let error as PostgresError where error.code == .configuration {
            await pool.shutdown()
            throw FledgeError(error)
        } catch let error as PostgresError where error.sqlState == DatabaseRights.refused {
            await pool.shutdown()
            throw FledgeError(
                "database.not_owner", "the daemon's role may not change the tables: \(error.message)",
                place: shownLocation,
                hint:
                    "name the role that owns them in \(DatabaseLocation.ownerVariable), for the daemon or for: fledge db "
                    + "migrate")
        } catch let error as PostgresError {
            await pool.shutdown()
            throw FledgeError(
                "database.unreachable", error.message, place: shownLocation,
                hint: "check FLEDGE_DATABASE_URL and that the server runs: fledge doctor")
        } catch let error as MigrationError {
            await pool.shutdown()
            throw FledgeError(
                .init(rawValue: error.code.rawValue), error.description, place: shownLocation,
                hint: "fledge db status", exitCode: .configuration)
        } catch {
            await pool.shutdown()
            throw error
        }
        return pool
    }

    private func migrate(_ pool: PostgresPool) async throws -> [Migration] {
        guard let ownerConnectionString else { return try await Migrations.migrate(pool) }
        let owner = PostgresPool(
            PostgresConfiguration(
                connectionString: ownerConnectionString, maximumConnections: 1, applicationName: "fledged migrations"),
            logger: logger)
        let outcome: Result<[Migration], any Error>
        do {
            outcome = .success(
                try await DatabaseRights.migrating(work: pool, owner: owner) { try await Migrations.migrate($0) })
        } catch { outcome = .failure(error) }
        await owner.shutdown()
        return try outcome.get()
    }

    /// A pool of one connection for health checks: they have to be answered also while all connections of the other
    /// pool are in use. The connection is opened with the first check.
    func openProbe() -> PostgresPool {
        PostgresPool(
            PostgresConfiguration(
                connectionString: connectionString, maximumConnections: 1, applicationName: "fledged probe",
                connectTimeout: .seconds(2), acquireTimeout: .seconds(2)),
            logger: logger)
    }

    func close() async throws { try await cluster?.stop() }
}
