import FledgeClient
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Glibc
import Logging
import ManagedProcess
import PostgresClient
import Synchronization
import Testing

/// The real `fledged` as a child of the tests, with a state folder and a private PostgreSQL of its own.
final class TestDaemon: Sendable {
    let state: String
    /// Where definitions' data may lie: a daemon reads none from its own folders.
    let data: String
    let client: ControlClient
    /// A second way into the daemon's database, which lives on when the daemon is killed.
    let database: PostgresPool
    let cluster: EmbeddedCluster
    private let environment: [String: String?]
    private let process = Mutex<ManagedProcess?>(nil)

    private static let logger = Logger(label: "fledge.tests", factory: { _ in SwiftLogNoOpLogHandler() })

    private init(state: String, data: String, variables: [String: String?]) {
        self.state = state
        self.data = data
        var environment: [String: String?] = [
            StatePaths.stateVariable: state, "FLEDGE_LEASE_SECONDS": "2", StatePaths.socketVariable: nil,
        ]
        for name in [
            "FLEDGE_DATABASE_URL", "PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE", "FLEDGE_LOG_LEVEL",
            "FLEDGE_LISTEN",
        ] {
            environment.updateValue(nil, forKey: name)
        }
        self.environment = environment.merging(variables) { $1 }
        client = ControlClient(socket: StatePaths.current(environment: [StatePaths.stateVariable: state]).socket)
        cluster = EmbeddedCluster(
            stateDirectory: state, environment: ProcessInfo.processInfo.environment, logger: Self.logger)
        database = PostgresPool(
            PostgresConfiguration(
                connectionString: cluster.connectionString(as: EmbeddedCluster.ownerRole), maximumConnections: 2),
            logger: Self.logger)
    }

    /// Runs the body with a daemon that is started; afterwards nothing of it runs or is left, however the body ended.
    ///
    /// - Parameter variables: what is set, or with nil taken away, in the daemon's environment besides.
    nonisolated(nonsending)
        static func with<Value>(
            variables: [String: String?] = [:], _ body: (TestDaemon) async throws -> Value
        ) async throws -> Value
    {
        try await TemporaryDirectory.with { data in
            try await TemporaryDirectory.with { state in
                let daemon = TestDaemon(state: state, data: data, variables: variables)
                let outcome: Result<Value, any Error>
                do {
                    try await daemon.start()
                    outcome = .success(try await body(daemon))
                } catch {
                    outcome = .failure(error)
                }
                await daemon.remove()
                return try outcome.get()
            }
        }
    }

    /// Starts the daemon and waits until it answers.
    nonisolated(nonsending)
        func start() async throws
    {
        let started = try await ManagedProcess.start(
            Command(try Self.executable(), environment: environment), errorLog: log, bond: .none)
        process.withLock { $0 = started }
        let isReady = await eventually {
            if started.exit != nil { return true }
            return await client.isReady()
        }
        try #require(started.exit == nil && isReady, "fledged did not start: \(logText)")
    }

    /// SIGKILL: the daemon gets no chance to say or to write anything more.
    nonisolated(nonsending)
        func kill() async throws
    {
        let running = try #require(process.withLock { $0 })
        _ = Glibc.kill(running.processID, SIGKILL)
        #expect(await running.waitForExit() == .signalled(SIGKILL))
    }

    /// SIGTERM, to the daemon alone. - Returns: how it ended.
    nonisolated(nonsending)
        func terminate() async throws -> ProcessExit
    {
        let running = try #require(process.withLock { $0 })
        _ = Glibc.kill(running.processID, SIGTERM)
        return await running.waitForExit()
    }

    /// The number of the process that runs.
    var processID: Int32? { process.withLock { $0.flatMap { $0.exit == nil ? $0.processID : nil } } }

    /// Runs another daemon on the same state folder to its end.
    nonisolated(nonsending)
        func another(variables: [String: String?]) async throws -> Command.Result
    {
        try await Command(try Self.executable(), environment: environment.merging(variables) { $1 })
            .run(timeout: .seconds(600))
    }

    var logText: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }
    private var log: URL { URL(fileURLWithPath: state + "/fledged-test.log") }

    /// The folders of the training jobs, one an intent.
    var jobFolders: [URL] {
        let jobs = URL(fileURLWithPath: state + "/jobs", isDirectory: true)
        return (try? FileManager.default.contentsOfDirectory(at: jobs, includingPropertiesForKeys: nil)) ?? []
    }

    nonisolated(nonsending)
        private func remove() async
    {
        await database.shutdown()
        if let running = process.withLock({ $0 }), running.exit == nil {
            _ = Glibc.kill(running.processID, SIGTERM)
            if await !eventually(within: .seconds(30), { running.exit != nil }) {
                _ = Glibc.kill(running.processID, SIGKILL)
            }
        }
        for folder in jobFolders {
            let text = try? String(contentsOf: folder.appending(path: "pid"), encoding: .utf8)
            // The shell that waits for the trainer leads a process group of its own; after its end the number may be
            // another's, so it has to be the one that works in this folder.
            guard let pid = text.flatMap({ Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }),
                let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd"),
                place == folder.path
            else { continue }
            _ = Glibc.kill(-pid, SIGKILL)
        }
        try? await cluster.stop()
        try? TemporaryDirectory.remove(cluster.layout.socketDirectory)
        try? TemporaryDirectory.remove(cluster.layout.directory)
    }

    /// `fledged` is built beside the test bundle, which is this process's program.
    private static func executable() throws -> String {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = (program as NSString).deletingLastPathComponent + "/fledged"
        try #require(
            FileManager.default.isExecutableFile(atPath: path), "there is no \(path): swift build --product fledged")
        return path
    }
}
