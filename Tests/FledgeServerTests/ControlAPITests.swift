import CurlClient
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

@testable import FledgeClient

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
                api: api, socket: socket, spool: try await SubmissionSpool(in: directory + "/uploads"),
                onListening: { continuation.finish() },
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
            #expect(await eventually { await client.isReady() })
            let expected = try await api.statuses(name: nil)
            #expect(try await client.statuses(name: nil) == expected)
            #expect(try await client.explain(name: "lexical-category") == Fixtures.explanation)
            #expect(try await client.history(name: "lexical-category").map(\.sequence) == [1, 2])
            #expect(try await client.experiments(name: "lexical-category") == Fixtures.scores)
            #expect(try await client.log(job: TrainingJobID(42)) == ["job 42"])
            #expect(try await client.golden(job: TrainingJobID(42)) == Fixtures.golden)
            #expect(try await client.auditedNames() == ["lexical-category"])
            #expect(try await client.audit(name: "lexical-category") == Fixtures.auditReport)
            #expect(try await client.auditHashes(name: "lexical-category") == Fixtures.auditHashes)
            #expect(try await client.championAdapters() == [Fixtures.brokenAdapter])
            let report = try await client.reportNow(name: "x", formats: [.html, .json])
            #expect(report.files == ["html": "/r.html", "json": "/r.json"])
        }
    }

    @Test("a release comes to who asks for it and is written there; the daemon is told no folder")
    func export() async throws {
        try await TemporaryDirectory.with { directory in
            try await serving { client in
                for (number, text) in [(nil, "release champion"), (4, "release 4")] as [(Int?, String)] {
                    let folder = ReleaseFolder("out-\(text.suffix(1))", in: directory)
                    let files = try await folder.write(
                        try await client.export(name: "lexical-category", number: number))
                    #expect(files == [folder.path + "/adapter/adapter.gguf", folder.path + "/candidate.json"])
                    #expect(try String(contentsOfFile: files[1], encoding: .utf8) == text)
                    #expect(try Data(contentsOf: URL(filePath: files[0])) == Data(repeating: 7, count: 3 << 20))
                }
                let unknown = await #expect(throws: FledgeError.self) {
                    try await client.export(name: "nobody", number: nil)
                }
                #expect(unknown?.code == "release.unknown")
            }
        }
    }

    @Test("a command line of an earlier version, which names a folder of the daemon's machine, is told to be updated")
    func outdatedExport() async throws {
        try await TemporaryDirectory.with { directory in
            try await serving { client in
                let request = HTTPRequest(
                    "POST", "http://localhost/v1/use-cases/lexical-category/export",
                    body: Array(#"{"directory":"\#(directory)/out"}"#.utf8), unixSocketPath: client.place)
                let response = try await CurlClient().execute(request)
                let text = String(decoding: response.body, as: UTF8.self)
                #expect(response.status == 400 && text.contains("release.export_outdated"))
                #expect(text.contains("update fledge"))
            }
            #expect(!FileManager.default.fileExists(atPath: directory + "/out"))
        }
    }

    @Test("a link beside the socket is not written through", arguments: [".lock", ""])
    func linkedSocket(suffix: String) async throws {
        try await TemporaryDirectory.with { directory in
            let socket = directory + "/s.sock"
            let other = directory + "/precious"
            try Data("precious".utf8).write(to: URL(filePath: other))
            try FileManager.default.createSymbolicLink(atPath: socket + suffix, withDestinationPath: other)
            let server = ControlServer(
                api: MemoryControlAPI(), socket: socket, spool: try await SubmissionSpool(in: directory + "/uploads"),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            let error = await #expect(throws: FledgeError.self) { try await server.run() }
            #expect(["daemon.cannot_listen", "daemon.socket_path_taken"].contains(error?.code))
            let content = try String(contentsOfFile: other, encoding: .utf8)
            #expect(content == "precious")
        }
    }

    @Test("a command arrives with what it carries and who sent it")
    func command() async throws {
        let api = MemoryControlAPI()
        try await serving(api) { client in
            _ = try await client.send(
                .reject(reason: "too slow: 3/4"), to: "lexical-category", actor: LocalUser.actor)
        }
        #expect(
            api.commands.withLock { $0 } == [#"reject(reason: "too slow: 3/4") lexical-category \#(LocalUser.actor)"#])
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
                    client, "POST", "/v1/use-cases/x/rollback", Array(#"{"number":1,"actor":"","reason":"r"}"#.utf8))
                    == 409)
            #expect(try await status(client, "POST", "/v1/definitions/apply", Array("{".utf8)) == 400)
            #expect(try await status(client, "GET", "/v1/nothing") == 404)
            #expect(
                try await status(client, "POST", "/v1/reports", [UInt8](repeating: 32, count: (8 << 20) + 1)) == 413)
            #expect(try await status(client, "GET", "/livez") == 200)
            #expect(try await status(client, "GET", "/") == 200)
        }
    }

    @Test(
        "a NUL character in an address or a body is told with the field that holds it",
        arguments: [
            ("GET", "/v1/use-cases/a%00b", "", "the address"),
            ("GET", "/v1/reports?use-case=a%00", "", "the address"),
            (
                "POST", "/v1/use-cases/x/rollback", #"{"number":1,"actor":"a\u0000","reason":"r"}"#,
                "actor holds a NUL character"
            ),
            (
                "POST", "/v1/use-cases/x/commands", #"{"command":{"reject":{"reason":"n\u0000"}},"actor":"a"}"#,
                "command.reject.reason holds a NUL character"
            ),
        ])
    func nul(method: String, path: String, body: String, says: String) async throws {
        try await serving { client in
            let request = HTTPRequest(
                method, "http://localhost" + path, body: Array(body.utf8), unixSocketPath: client.place)
            let response = try await CurlClient().execute(request)
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(response.status == 400 && text.contains("request.nul_character") && text.contains(says), "\(text)")
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
                spool: try await SubmissionSpool(in: client.place + ".uploads"),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let error = await #expect(throws: FledgeError.self) { try await second.run() }
            #expect(error?.code == "daemon.already_running")
            #expect(await eventually { await client.isReady() })
        }
    }
}
