import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeServer
import FledgeServing
import FledgeTraining
import Foundation
import Glibc
import Logging
import ManagedProcess
import Migrations
import OpenMetrics
import PostgresClient
import ServiceLifecycle
import UnixSignals

/// Puts every part together and runs until it is told to stop.
package struct Daemon: Sendable {
    private let configuration: DaemonConfiguration
    private let logger: Logger
    private let registry: MetricsRegistry
    private let exporter: SpanExportService?
    private let change: @Sendable (inout DaemonParts) -> Void

    /// - Parameters:
    ///   - registry: what swift-metrics writes to in this process.
    ///   - exporter: where its spans go; nil for nowhere.
    ///   - change: puts other models and executors in the place of the usual ones.
    package init(
        configuration: DaemonConfiguration, registry: MetricsRegistry, exporter: SpanExportService? = nil,
        change: @escaping @Sendable (inout DaemonParts) -> Void = { _ in }, logger: Logger
    ) {
        self.change = change
        self.exporter = exporter
        self.configuration = configuration
        self.logger = logger
        self.registry = registry
    }

    /// - Throws: `FledgeError` for what a person has to mend.
    package func run() async throws {
        let paths = configuration.paths
        let group = ClusterUser.required()?.groupID
        try paths.createState(passableBy: group)
        // The lock is taken before anything else is touched. A private PostgreSQL serves one daemon, so its daemon is
        // alone on the state folder.
        let state = try StateLock(paths, role: StateLock.daemon, isAlone: configuration.database == .embedded)
        defer { withExtendedLifetime(state) {} }
        try paths.create(passableBy: group)
        let open: (String) -> Void = { [logger] in
            logger.warning("something of the state folder stays open to other users", metadata: ["problem": "\($0)"])
        }
        for folder in try paths.close(passableBy: group, problem: open) {
            logger.notice("closed a folder that other users could enter", metadata: ["folder": "\(folder)"])
        }
        // Before the private PostgreSQL starts, whose user passes through the state folder as well.
        if geteuid() == 0, await Sandbox.isImpossible(environment: configuration.environment) {
            paths.letProgramsPass()
        }
        let lock = try DaemonLock(path: paths.pidFile)
        defer { lock.release() }
        let database = DaemonDatabase(configuration: configuration, logger: logger)
        let pool = try await database.open()
        let probe = database.openProbe()
        do {
            try await serve(pool: pool, probe: probe, database: database)
        } catch {
            await probe.shutdown()
            await pool.shutdown()
            try? await database.close()
            throw error
        }
        await probe.shutdown()
        await pool.shutdown()
        try await database.close()
        logger.info("stopped")
    }

    private func serve(pool: PostgresPool, probe: PostgresPool, database: DaemonDatabase) async throws {
        let paths = configuration.paths
        let stores = PostgresStores(pool: pool, logger: logger)
        let logger = logger
        var parts = DaemonParts(
            paths: paths, trainings: configuration.trainings, keys: configuration.keys, logger: logger)
        change(&parts)
        let catalog = parts.catalog
        let artifacts = FileArtifactStore(directory: paths.artifacts)
        let notices = configuration.anchorWebhook.map { settings in
            AuditNotices(
                database: database.shownLocation,
                sender: AnchorWebhook(settings: settings, environment: configuration.environment), logger: logger)
        }
        let anchor = try await AuditAnchor(
            path: paths.auditHeads(of: configuration.database == .embedded ? nil : database.shownLocation),
            witness: notices, logger: logger)
        let host = ProcessInfo.processInfo.hostName
        let facts = ControlService.DaemonFacts(
            version: FledgeVersion.current, processID: ProcessInfo.processInfo.processIdentifier, startedAt: Date(),
            stateDirectory: paths.state, database: database.shownLocation)
        // Unique for each start: the system gives the number of a process that has ended to another.
        let worker = "\(host)/\(facts.processID)/\(UUID().uuidString.prefix(8))"
        let services = OrchestratorServices(
            stores: stores, catalog: catalog, artifacts: artifacts, executor: parts.executor,
            sink: ReportFilesSink(directory: paths.reports), settings: configuration.worker, facts: facts, host: host,
            worker: worker, keys: configuration.keys, localModels: PackagedModels.names,
            dataPlaces: .system.refusing([paths.state, paths.cache]), anchor: anchor, now: { Date() }, logger: logger)
        let problem: @Sendable (String) -> Void = { [logger] in
            logger.warning("something old could not be taken away", metadata: ["error": "\($0)"])
        }
        let files = FileHousekeeping(paths: paths, store: stores.keptFiles, problem: problem)
        // This notes the database in the state folder, before this daemon puts any file there: files that are found
        // later are then known to be this database's.
        do { try await files.isOnlyDatabase() } catch {
            logger.warning("files of the state folder won't be taken away", metadata: ["error": "\(error)"])
        }
        let housekeeping = HousekeepingService(
            store: stores.housekeeping, files: files, worker: worker, settings: configuration.housekeeping,
            logger: logger)
        let probes = DaemonProbes(
            services: services, pool: pool, probe: PostgresFleet(database: Database(pool: probe, logger: logger)),
            registry: registry, exporter: exporter, startedAt: facts.startedAt)
        let server = ControlServer(
            api: services.control, socket: paths.socket, network: configuration.network, tokens: stores.access,
            spool: try await SubmissionSpool(in: paths.uploads, limits: configuration.submissions),
            probes: probes.control, logger: logger)
        logger.info(
            "started",
            metadata: [
                "socket": "\(paths.socket)", "database": "\(facts.database)",
                "settings": .dictionary(configuration.origins.mapValues { "\($0)" }),
            ])
        for warning in configuration.warnings { logger.warning("\(warning)") }
        // At the level debug, the service group would print every property of every service.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .info)
        // A service group stops its services in the reverse order of their start. The exporter is started first, so
        // that it can still send the spans that the others make while they stop.
        let first = exporter.map { [ServiceGroupConfiguration.ServiceConfiguration(service: $0)] } ?? []
        var groupConfiguration = ServiceGroupConfiguration(
            services: first + [
                // It stands before the services that add entries to the evidence, and so stops after them: it still
                // writes down their last entries.
                .init(
                    service: AuditAnchorService(store: stores.audit, anchor: anchor, notices: notices, logger: logger)),
                .init(service: server), .init(service: services.queues), .init(service: services.worker),
                .init(service: services.scheduler),
                .init(service: housekeeping),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        groupConfiguration.maximumGracefulShutdownDuration = .seconds(20)
        defer { logger.info("stopping") }
        let group = ServiceGroup(configuration: groupConfiguration)
        do { try await group.run() } catch {
            await catalog.shutdown()
            throw error
        }
        await catalog.shutdown()
    }
}
