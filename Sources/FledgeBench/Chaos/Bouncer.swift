import FledgeCore
import FledgePostgres
import Foundation
import ManagedProcess

/// A pgbouncer in transaction mode before an arena's server.
struct Bouncer: Sendable {
    /// For `FLEDGE_DATABASE_URL`.
    let address: String
    private let process: ManagedProcess

    /// - Throws: `chaos.no_pgbouncer` where the program is missing.
    static func start(before cluster: EmbeddedCluster, directory: String) async throws -> Bouncer {
        let folder = URL(fileURLWithPath: "\(directory)/bouncer", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let port = UInt16.random(in: 20_000...30_000)
        let settings = """
            [databases]
            \(EmbeddedCluster.databaseName) = host=\(cluster.layout.socketDirectory) port=5432 user=fledge
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = 12
            max_client_conn = 200
            server_lifetime = 30
            """
        let file = folder.appending(path: "pgbouncer.ini")
        try Data((settings + "\n").utf8).write(to: file)
        // It refuses to run as root, and the server's socket is the cluster's user's alone.
        let program = "pgbouncer"
        let arguments = (cluster.user.map { ["-u", $0.name] } ?? []) + [file.path]
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/usr/local/sbin"
        do {
            let process = try await ManagedProcess.start(
                Command("/usr/bin/env", ["PATH=\(path)", program] + arguments, workingDirectory: folder),
                errorLog: folder.appending(path: "log"), bond: .none)
            try await Task.sleep(for: .seconds(1))
            if process.exit != nil { throw missing(folder) }
            return Bouncer(
                address: "postgresql://fledge@127.0.0.1:\(port)/\(EmbeddedCluster.databaseName)"
                    + "?sslmode=disable&gssencmode=disable&prepared=off", process: process)
        } catch is ProcessError {
            throw missing(folder)
        }
    }

    private static func missing(_ folder: URL) -> FledgeError {
        let log = (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? ""
        return FledgeError(
            "chaos.no_pgbouncer", "pgbouncer does not start: \(log.suffix(300))", hint: ".ci/install-packages --chaos",
            exitCode: .usage)
    }

    func stop() async { await process.terminate(grace: .seconds(2)) }
}
