import FledgeClient
import FledgeCore
import FledgePostgres
import FledgeTestKit
import Foundation
import Logging
import ManagedProcess
import Testing

/// A daemon with a private database, and a model server, for the tests of one suite.
struct DaemonInstallation: Sendable {
    /// Keys that must turn up nowhere.
    static let wrongKey = "canary-7f3b9d20-wrong-key"
    static let token = "canary-52c8e1f4-token-of-the-daemon"

    @TaskLocal static var current: DaemonInstallation?

    let folder: String
    let modelServer: String

    var log: URL { URL(filePath: folder).appending(path: "daemon.log") }
    var client: ControlClient { ControlClient(socket: folder + "/state/run/fledged.sock") }

    /// Runs `fledge` to its end.
    func fledge(_ arguments: String...) async throws -> Command.Result {
        try await BuiltPrograms.command("fledge", arguments, in: folder).run(timeout: .seconds(180))
    }

    /// Writes a definition of its own name with the data, and applies it.
    func apply(_ definition: SmallDefinition) async throws -> Command.Result {
        let file = "\(definition.name).swift"
        try Data(definition.source.utf8).write(to: URL(filePath: folder).appending(path: file))
        return try await fledge("apply", file)
    }

    func state(of name: String) async throws -> CycleState? {
        try await client.statuses(name: name).first?.state
    }

    /// Every row of the private database as SQL.
    func databaseDump() async throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let programs = try await PostgresBinaries.find(environment: environment)
        let cluster = EmbeddedCluster(
            stateDirectory: folder + "/state", environment: environment,
            logger: Logger(label: "fledge.tests") { _ in SwiftLogNoOpLogHandler() })
        let dump = try await Command(
            programs.directory + "/pg_dump",
            ["--data-only", "--inserts", "--dbname", cluster.connectionString(as: EmbeddedCluster.ownerRole)]
        ).run(timeout: .seconds(600), outputLimit: 1 << 26)
        #expect(dump.exit.isSuccess, "\(dump.errorOutput)")
        return dump.output
    }
}

/// Starts the installation before a suite and stops it, with its PostgreSQL, after it.
struct DaemonInstallationTrait: SuiteTrait, TestScoping {
    // The shell ends the daemon when the tests' process goes away, however it goes.
    private static let leash = #""$1" >>"$2" 2>&1 & daemon=$!; read -r _; kill -TERM "$daemon"; wait "$daemon""#

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { folder in
            let modelServer = try await KeyedModelServer.start()
            let installation = DaemonInstallation(folder: folder, modelServer: modelServer.base)
            try Data(SmallDefinition.rows.utf8).write(to: URL(filePath: folder).appending(path: "small.jsonl"))
            var command = try BuiltPrograms.command("fledged", [], in: folder)
            command.arguments = [
                "-c", Self.leash, "sh", command.executable, installation.log.path(percentEncoded: false),
            ]
            command.executable = "/bin/sh"
            command.environment["FLEDGE_LISTEN"] = "127.0.0.1:0"
            command.environment["FLEDGE_TOKEN"] = "env:FLEDGE_TEST_TOKEN"
            command.environment["FLEDGE_TEST_TOKEN"] = DaemonInstallation.token
            command.environment["FLEDGE_TEST_RIGHT_KEY"] = KeyedModelServer.key
            command.environment["FLEDGE_TEST_WRONG_KEY"] = DaemonInstallation.wrongKey
            command.environment.updateValue(nil, forKey: "FLEDGE_TEST_MISSING_KEY")
            let host = try #require(ServerHost(url: modelServer.base))
            command.environment["FLEDGE_KEYS"] = ["RIGHT", "WRONG", "MISSING"]
                .map { "FLEDGE_TEST_\($0)_KEY=\(host)" }.joined(separator: ";")
            let process = try await ManagedProcess.start(command, bond: .leash)
            let outcome: Result<Void, any Error>
            do {
                let isReady = await eventually { await installation.client.isReady() }
                let log = (try? String(contentsOf: installation.log, encoding: .utf8)) ?? ""
                try #require(isReady, "the daemon does not answer: \(log)")
                outcome = .success(
                    try await DaemonInstallation.$current.withValue(installation) { try await function() })
            } catch {
                outcome = .failure(error)
            }
            let stop = try await installation.fledge("daemon", "stop")
            #expect(stop.exit.isSuccess, "\(stop.errorOutput)")
            await process.terminate(grace: .seconds(1))
            await modelServer.stop()
            try outcome.get()
        }
    }
}

extension Trait where Self == DaemonInstallationTrait {
    static var daemonInstallation: Self { Self() }
}
