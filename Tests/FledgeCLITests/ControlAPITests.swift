import CurlClient
import FledgeAPI
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServer
import FledgeTestKit
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import FledgeCLI

@Suite("The control API over its socket")
struct ControlAPITests {
    /// Serves the API on a socket of its own while the body runs.
    private func serving(
        _ api: MemoryControlAPI = MemoryControlAPI(), body: @escaping @Sendable (ControlClient) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let socket = directory + "/s.sock"
            let (listening, continuation) = AsyncStream.makeStream(of: Void.self)
            let server = ControlServer(
                api: api, socket: socket, onListening: { continuation.finish() },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let group = ServiceGroup(
                services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    // A server that can't listen ends the wait too.
                    defer { continuation.finish() }
                    try await group.run()
                }
                for await _ in listening {}
                do { try await body(ControlClient(socket: socket)) } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            #expect(!FileManager.default.fileExists(atPath: socket))
        }
    }

    @Test("what the service answers arrives at the client as it was")
    func roundTrip() async throws {
        try await serving { client in
            let api = MemoryControlAPI()
            #expect(await client.isReady())
            let expected = try await api.statuses(name: nil)
            #expect(try await client.statuses(name: nil) == expected)
            #expect(try await client.explain(name: "lexical-category") == Fixtures.explanation)
            #expect(try await client.history(name: "lexical-category").map(\.sequence) == [1, 2])
            #expect(try await client.experiments(name: "lexical-category") == Fixtures.scores)
            #expect(try await client.log(job: TrainingJobID(42)) == ["job 42"])
            #expect(try await client.golden(job: TrainingJobID(42)) == Fixtures.golden)
            #expect(try await client.export(name: "x", number: nil, into: "/d") == ["/d/prompt.json"])
            let report = try await client.reportNow(name: "x", formats: [.html, .json])
            #expect(report.files == ["html": "/r.html", "json": "/r.json"])
        }
    }

    @Test("a command arrives with what it carries and who sent it")
    func command() async throws {
        let api = MemoryControlAPI()
        try await serving(api) { client in
            _ = try await client.send(.reject(reason: "too slow: 3/4"), to: "lexical-category", actor: "user:ada")
        }
        #expect(api.commands.withLock { $0 } == [#"reject(reason: "too slow: 3/4") lexical-category user:ada"#])
    }

    @Test("an error keeps its code, hint and exit status on the way", arguments: ["nobody", "a/b?c#d", ""])
    func error(name: String) async throws {
        try await serving { client in
            let error = await #expect(throws: FledgeError.self) { try await client.statuses(name: name) }
            #expect(error?.code == "use_case.unknown")
            #expect(error?.hint == "fledge status lists them")
            #expect(error?.exitCode == .usage)
        }
    }

    @Test("an unexpected failure is told without what it holds")
    func unexpected() async throws {
        try await serving { client in
            let error = await #expect(throws: FledgeError.self) { try await client.daemonStatus() }
            #expect(error?.code == "daemon.internal")
            #expect(error?.exitCode == .software)
        }
    }

    @Test("statuses fit: unknown 404, conflict 409, a bad body 400, an unknown route 404, too long a body 413")
    func httpStatuses() async throws {
        try await serving { client in
            let unknown = try await status(client, "GET", "/v1/use-cases/nobody")
            #expect(unknown == 404)
            #expect(
                try await status(
                    client, "POST", "/v1/use-cases/x/rollback", Array(#"{"number":1,"actor":"a","reason":"r"}"#.utf8))
                    == 409)
            #expect(try await status(client, "POST", "/v1/definitions/apply", Array("{".utf8)) == 400)
            #expect(try await status(client, "GET", "/v1/nothing") == 404)
            #expect(
                try await status(client, "POST", "/v1/reports", [UInt8](repeating: 32, count: (8 << 20) + 1)) == 413)
            #expect(try await status(client, "GET", "/livez") == 200)
            #expect(try await status(client, "GET", "/") == 200)
        }
    }

    private func status(
        _ client: ControlClient, _ method: String, _ path: String, _ body: [UInt8] = []
    ) async throws -> Int {
        let request = HTTPRequest(method, "http://localhost" + path, body: body, unixSocketPath: client.place)
        return try await CurlClient().execute(request).status
    }

    @Test("only the daemon's user may use the socket")
    func permissions() async throws {
        try await serving { client in
            let facts = try FileManager.default.attributesOfItem(atPath: client.place)
            #expect((facts[.posixPermissions] as? NSNumber)?.int32Value == 0o600)
        }
    }

    @Test("a second daemon is refused while the first one answers")
    func secondDaemon() async throws {
        try await serving { client in
            let second = ControlServer(
                api: MemoryControlAPI(), socket: client.place,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let error = await #expect(throws: FledgeError.self) { try await second.run() }
            #expect(error?.code == "daemon.already_running")
            #expect(await client.isReady())
        }
    }

    @Test("without a daemon the client says how to start one: exit 69")
    func notRunning() async throws {
        try await TemporaryDirectory.with { directory in
            let client = ControlClient(socket: directory + "/s.sock")
            let error = await #expect(throws: FledgeError.self) { try await client.statuses(name: nil) }
            #expect(error?.code == "daemon.not_running")
            #expect(error?.exitCode == .unavailable)
            #expect(error?.hint == "fledge daemon start")
        }
    }
}
