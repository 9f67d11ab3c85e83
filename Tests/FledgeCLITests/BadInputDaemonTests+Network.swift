import CurlClient
import FledgeTestKit
import Foundation
import ManagedProcess
import Testing

// The daemon that listens on TCP, asked from there.
extension BadInputDaemonTests {
    /// The address that the daemon's log tells, for it was given no port.
    func address(_ installation: DaemonInstallation) async throws -> String {
        let isListening = try await eventually {
            try String(contentsOf: installation.log, encoding: .utf8).contains("listening")
        }
        try #require(isListening)
        let log = try String(contentsOf: installation.log, encoding: .utf8)
        let port = try #require(log.firstMatch(of: /port=(\d+) .*listening/)?.1)
        return "http://127.0.0.1:\(port)"
    }

    private func status(_ installation: DaemonInstallation, _ server: String, _ environment: [String: String])
        async throws -> Command.Result
    {
        var environment = environment
        environment["FLEDGE_SERVER"] = server
        return try await BuiltPrograms.command(
            "fledge", ["daemon", "status"], in: installation.folder, environment: environment
        ).run(timeout: .seconds(600))
    }

    @Test("the right token lets the command line in over TCP, by a variable or by a file")
    func rightToken() async throws {
        let installation = try #require(DaemonInstallation.current)
        let server = try await address(installation)
        let file = installation.folder + "/token"
        try Data((DaemonInstallation.token + "\n").utf8).write(to: URL(filePath: file))
        for environment in [
            ["FLEDGE_TOKEN": "env:HELD", "HELD": DaemonInstallation.token], ["FLEDGE_TOKEN": "file:\(file)"],
        ] {
            let result = try await status(installation, server, environment)
            #expect(result.exit == .exited(0) && result.output.contains("running"), "\(result.errorOutput)")
        }
    }

    @Test(
        "a token that is wrong or missing is refused over TCP with 401, told as such, and turns up nowhere",
        arguments: [
            (["FLEDGE_TOKEN": "env:HELD", "HELD": "canary-0b6a-another-token"], "does not take this token"),
            ([:], "wants a token"),
        ] as [([String: String], String)])
    func wrongToken(environment: [String: String], says: String) async throws {
        let installation = try #require(DaemonInstallation.current)
        let server = try await address(installation)
        let result = try await status(installation, server, environment)
        #expect(result.exit == .exited(78))
        for words in [server, says, "FLEDGE_TOKEN", "[daemon.unauthorized]"] {
            #expect(result.errorOutput.contains(words), "\(words) is not in: \(result.errorOutput)")
        }
        let fields: HTTPHeaders = environment.isEmpty ? [:] : ["Authorization": "Bearer canary-0b6a-another-token"]
        for path in ["/v1/daemon", "/v1/use-cases", "/"] {
            let answer = try await CurlClient().execute(HTTPRequest("GET", server + path, headers: fields))
            #expect(answer.status == 401)
        }
        let log = try String(contentsOf: installation.log, encoding: .utf8)
        let dump = try await installation.databaseDump()
        for text in [log, dump, result.output, result.errorOutput] {
            #expect(!text.contains(DaemonInstallation.token) && !text.contains("canary-0b6a-another-token"))
        }
    }
}
