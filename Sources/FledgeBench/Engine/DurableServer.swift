import FledgePostgres
import FledgeTestKit
import Foundation
import ManagedProcess
import PostgresClient

/// The PostgreSQL server of the engine's benchmarks: as `fledged` makes one for itself, durable, with room for peers.
enum DurableServer {
    static let settings = [
        "max_connections": "300", "max_wal_size": "4GB", "shared_buffers": "512MB", "synchronous_commit": "on",
    ]
    static let fixture = PostgresFixture(settings: settings)

    /// Where peers find it. Their tables are in databases of their own.
    struct Address: Encodable, Sendable {
        var host: String
        var user: String
        var database: String

        /// - Parameter connectionString: of a database of the server.
        init(connectionString: String, server: EmbeddedCluster) {
            host = server.layout.socketDirectory
            user = EmbeddedCluster.ownerRole
            database = connectionString.split(separator: "dbname='").last.map { String($0.dropLast()) } ?? ""
        }
    }

    /// CPU seconds of the server and all processes that it has started, those that have ended included.
    static func cpuSeconds() async throws -> Double {
        guard let postmaster = try await fixture.cluster.serverProcess else { return 0 }
        return CPUTime.ofProcess(postmaster, reaped: true)
            + CPUTime.children(of: postmaster).reduce(0) { $0 + CPUTime.ofProcess($1, reaped: false) }
    }

    /// The machine, its fsync rate, and the server's settings.
    static var description: String {
        get async throws {
            let cluster = try await fixture.cluster
            let rate = try await fsyncRate(in: cluster)
            let words = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            let version = try await fixture.withDatabase(migrated: false) { pool in
                try await pool.query("SHOW server_version").first?.get("server_version", as: String.self) ?? ""
            }
            return "\(Machine.description); PostgreSQL \(version), fsync=on, \(words.joined(separator: ", ")), logged "
                + "tables; \(rate)"
        }
    }

    /// What `pg_test_fsync` says of the server's own method.
    private static func fsyncRate(in cluster: EmbeddedCluster) async throws -> String {
        let bin = try await PostgresBinaries.find(environment: ["PATH": "/usr/bin:/bin"]).directory
        let file = cluster.layout.directory + "/fsync-test"
        let result = try await Command(bin + "/pg_test_fsync", ["-s", "1", "-f", file]).run(
            timeout: .seconds(60), outputLimit: 1 << 16)
        let line = result.output.split(separator: "\n").first { $0.contains("fdatasync") && $0.contains("ops/sec") }
        return "pg_test_fsync: " + (line?.split(separator: " ").joined(separator: " ") ?? "no answer")
    }
}
