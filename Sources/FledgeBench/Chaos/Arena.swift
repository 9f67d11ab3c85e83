import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Logging
import Migrations
import PostgresClient

/// A private PostgreSQL, a stub provider of models and training, and some real daemons on that one database.
final class Arena: Sendable {
    struct Settings: Sendable {
        var daemons = 4
        /// A `fledged` of the version before, which every other start takes.
        var before: String?
        var seed: UInt64 = 1
        /// Seconds; a killed daemon's work is taken up again that much later.
        var lease = 1.0
        var maximumConnections = 100
        /// Further settings of the server.
        var server: [String: String] = [:]
        /// Where the cluster is to live; nil for a folder of its own.
        var clusterDirectory: String?
        var disk: SmallDisk?
        /// How the daemons reach the database.
        var way = Way.direct
    }

    enum Way: Sendable { case direct, faultProxy, bouncer }

    let directory: String
    let cluster: EmbeddedCluster
    /// A way into the database that no fault stands in.
    let pool: PostgresPool
    let provider: StubProvider
    let daemons: [DaemonSlot]
    let faults: FaultLog
    /// The base of the stub models' API, as definitions name it.
    let models: String
    /// What stands between each daemon and the database, with a port for each.
    let proxy: FaultProxy?
    let proxyPorts: [UInt16]
    private let bouncer: Bouncer?
    /// What the cluster lives on, where it is a disk of its own.
    let disk: SmallDisk?
    private let guardian: OrphanGuard

    static let logger = Logger(label: "fledge.chaos", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Starts everything, on a database that is migrated.
    static func start(_ settings: Settings) async throws -> Arena {
        let directory = try TemporaryDirectory.make()
        let cluster = EmbeddedCluster(
            stateDirectory: settings.clusterDirectory ?? directory,
            environment: ["PATH": "/usr/bin:/bin:/usr/local/bin"],
            settings: settings.server.merging(["max_connections": String(settings.maximumConnections)]) { $1 },
            logger: logger)
        let guardian = try await OrphanGuard.start(
            directory: directory, serverFile: cluster.layout.data + "/postmaster.pid")
        try await cluster.start()
        let pool = PostgresPool(
            PostgresConfiguration(
                connectionString: cluster.connectionString(as: EmbeddedCluster.ownerRole), maximumConnections: 6,
                applicationName: "chaos"),
            logger: logger)
        try await Migrations.migrate(pool)
        try await Takeovers.watch(pool)
        return try await Arena(settings, directory: directory, cluster: cluster, pool: pool, guardian: guardian)
    }

    private init(
        _ settings: Settings, directory: String, cluster: EmbeddedCluster, pool: PostgresPool, guardian: OrphanGuard
    ) async throws {
        self.directory = directory
        self.cluster = cluster
        self.pool = pool
        self.guardian = guardian
        disk = settings.disk
        let faults = FaultLog()
        self.faults = faults
        for folder in ["log", "data", "jobs", "state"] {
            try FileManager.default.createDirectory(
                atPath: "\(directory)/\(folder)", withIntermediateDirectories: true)
        }
        let provider = StubProvider(jobsDirectory: "\(directory)/jobs", latency: 0.008)
        self.provider = provider
        var ports: [UInt16] = []
        for number in 0..<settings.daemons { ports.append(try provider.open(daemon: number)) }
        models = "http://127.0.0.1:\(ports.first ?? 0)/v1"
        let proxy = settings.way == .faultProxy ? FaultProxy(server: cluster.layout.socket) : nil
        let proxyPorts = try proxy.map { proxy in try ports.map { _ in try proxy.listen() } } ?? []
        self.proxy = proxy
        self.proxyPorts = proxyPorts
        let bouncer =
            settings.way == .bouncer ? try await Bouncer.start(before: cluster, directory: directory) : nil
        self.bouncer = bouncer
        daemons = try ports.enumerated().map { number, port in
            try DaemonSlot(
                number: number, directory: directory,
                environment: Self.environment(
                    directory: directory,
                    address: bouncer?.address
                        ?? cluster.connectionString(port: proxyPorts.isEmpty ? nil : proxyPorts[number]),
                    provider: "http://127.0.0.1:\(port)", lease: settings.lease),
                faults: faults, before: settings.before)
        }
        for daemon in daemons { try await daemon.start() }
    }

    private static func environment(
        directory: String, address: String, provider: String, lease: Double
    ) -> [String: String?] {
        var environment: [String: String?] = [
            StatePaths.stateVariable: "\(directory)/state", "FLEDGE_DATABASE_URL": address,
            "FLEDGE_LEASE_SECONDS": String(lease), RehearsalVariable.provider: provider,
            // Every call passes by the daemon's own port, so that the provider knows who calls.
            "http_proxy": provider,
        ]
        for name in [
            "no_proxy", "NO_PROXY", "PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE", "FLEDGE_LOG_LEVEL",
            "FLEDGE_LISTEN", "FLEDGE_CONFIG",
        ] { environment.updateValue(nil, forKey: name) }
        return environment
    }

    /// Ends everything; the folder stays.
    func stop() async {
        await withTaskGroup(of: Void.self) { group in
            for daemon in daemons { group.addTask { await daemon.stop() } }
        }
        provider.close()
        proxy?.close()
        await bouncer?.stop()
        await pool.shutdown()
        try? await cluster.stop()
        guardian.dismiss()
    }

    /// Removes what `stop` has left.
    func remove() {
        disk?.unmount()
        try? TemporaryDirectory.remove(cluster.layout.socketDirectory)
        try? TemporaryDirectory.remove(cluster.layout.directory)
        try? TemporaryDirectory.remove(directory)
    }
}

extension EmbeddedCluster {
    /// - Parameter port: of a proxy on this machine; nil for the server's own socket.
    func connectionString(port: UInt16?) -> String {
        guard let port else { return connectionString() }
        return "host=127.0.0.1 port=\(port) user=fledge dbname=\(Self.databaseName) sslmode=disable gssencmode=disable"
    }
}
