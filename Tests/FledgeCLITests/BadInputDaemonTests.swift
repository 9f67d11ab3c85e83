import FledgeClient
import FledgeCore
import FledgeTestKit
import Foundation
import ManagedProcess
import Testing

/// Bad input, and parts that are away, with a daemon that runs.
@Suite(.daemonInstallation) struct BadInputDaemonTests {
    private func installation() throws -> DaemonInstallation { try #require(DaemonInstallation.current) }

    private func expect(
        _ result: Command.Result, _ status: Int32, _ says: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let said = result.output + result.errorOutput
        #expect(result.exit == .exited(status), "\(said)", sourceLocation: sourceLocation)
        for words in says {
            #expect(said.contains(words), "\"\(words)\" is not in: \(said)", sourceLocation: sourceLocation)
        }
    }

    @Test(
        "a use case that there is not is a wrong call",
        arguments: [
            ["status"], ["explain"], ["history"], ["experiments"], ["approve"], ["pause"], ["release", "list"],
        ])
    func unknownUseCase(command: [String]) async throws {
        let arguments = command + ["nosuch"]
        let folder = try installation().folder
        let result = try await BuiltPrograms.command("fledge", arguments, in: folder).run(timeout: .seconds(600))
        expect(result, 64, "no use case", "nosuch", "fledge status", "[use_case.unknown]")
    }

    @Test("a second daemon on the same state folder is refused and leaves the first alone")
    func secondDaemon() async throws {
        let installation = try installation()
        let result = try await BuiltPrograms.command("fledged", [], in: installation.folder).run(timeout: .seconds(600))
        expect(result, 69, "uses this state folder", "process", "(fledged)", "[daemon.running]")
        #expect(await eventually { await installation.client.isReady() })
    }

    @Test("of a set with a faulty definition nothing is applied")
    func appliesAllOrNothing() async throws {
        let installation = try installation()
        let folder = URL(filePath: installation.folder)
        try Data(SmallDefinition(name: "sound").source.utf8).write(to: folder.appending(path: "sound.swift"))
        try Data(SmallDefinition(name: "faulty", require: "Accuracy(atLeast: 85)").source.utf8)
            .write(to: folder.appending(path: "faulty.swift"))
        expect(
            try await installation.fledge("apply", "sound.swift", "faulty.swift"), 65, "faulty.swift:18:", "write 0.85",
            "sound: not applied", "faulty: not applied")
        expect(try await installation.fledge("apply", "faulty.swift"), 65, "faulty.swift:18:", "faulty: not applied")
        let names = try await installation.client.statuses(name: nil).map(\.name)
        #expect(!names.contains("sound") && !names.contains("faulty"))
    }

    @Test("a model server that is down blocks the use case, which says so and how it goes on")
    func serverDown() async throws {
        let installation = try installation()
        let definition = SmallDefinition(name: "server-down", endpoint: ".openAICompatible(\"http://127.0.0.1:1/v1\")")
        expect(try await installation.apply(definition), 0)
        expect(try await installation.fledge("models"), 0, "127.0.0.1:1", "no")
        // It is tried again for half a minute first.
        let isBlocked = try await eventually {
            try await installation.state(of: "server-down")?.block?.code == "model.unreachable"
        }
        #expect(isBlocked)
        expect(try await installation.fledge("status", "server-down"), 0, "blocked: 127.0.0.1:1")
        expect(
            try await installation.fledge("explain", "server-down"), 0, "127.0.0.1:1", "fledge retry server-down",
            "[model.unreachable]")
        expect(try await installation.fledge("wait", "server-down"), 3)
    }

    @Test("a key that is refused blocks the use case and turns up nowhere")
    func wrongKey() async throws {
        let installation = try installation()
        let endpoint = ".openAICompatible(\"\(installation.modelServer)\", key: .env(\"FLEDGE_TEST_WRONG_KEY\"))"
        expect(try await installation.apply(SmallDefinition(name: "wrong-key", endpoint: endpoint)), 0)
        let isBlocked = try await eventually {
            try await installation.state(of: "wrong-key")?.block?.code == "model.unauthorized"
        }
        #expect(isBlocked)
        var said = ""
        for command in [
            ["status"], ["explain", "wrong-key"], ["history", "wrong-key"], ["models"], ["report", "now"],
        ] {
            let result = try await BuiltPrograms.command("fledge", command, in: installation.folder).run(
                timeout: .seconds(180))
            said += result.output + result.errorOutput
        }
        #expect(
            said.contains("refused the key") && said.contains("[model.unauthorized]")
                && said.contains("fledge retry wrong-key"))
        #expect(!said.contains(DaemonInstallation.wrongKey))
        #expect(!(try String(contentsOf: installation.log, encoding: .utf8)).contains(DaemonInstallation.wrongKey))
        let dump = try await installation.databaseDump()
        #expect(dump.contains("wrong-key") && dump.contains("FLEDGE_TEST_WRONG_KEY"))
        #expect(!dump.contains(DaemonInstallation.wrongKey))
    }

    @Test(
        "a definition can have no key sent to a host that was not allowed, nor the daemon's own secrets anywhere",
        arguments: [
            ("FLEDGE_TEST_RIGHT_KEY", "http://127.0.0.1:9/v1", "\"keys\": {\"FLEDGE_TEST_RIGHT_KEY\": ["),
            ("HOME", "https://models.invalid/v1", "\"keys\": {\"HOME\": [\"models.invalid\"]}"),
            ("FLEDGE_TEST_TOKEN", "https://models.invalid/v1", "the daemon's own"),
        ])
    func keyElsewhere(key: String, url: String, says: String) async throws {
        let installation = try installation()
        let name = "elsewhere-" + key.lowercased().replacing("_", with: "-")
        let definition = SmallDefinition(
            name: name, endpoint: ".openAICompatible(\"\(url)\", key: .env(\"\(key)\"))")
        let line = try #require(
            definition.source.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains(url) })
        expect(
            try await installation.apply(definition), 65, "\(name).swift:\(line + 1): error:", says,
            "[models.key_not_allowed]")
        let state = try? await installation.state(of: name)
        #expect(state == nil)
    }

    @Test("a key whose variable is not set blocks the use case and names the variable")
    func missingKey() async throws {
        let installation = try installation()
        let endpoint = ".openAICompatible(\"\(installation.modelServer)\", key: .env(\"FLEDGE_TEST_MISSING_KEY\"))"
        expect(try await installation.apply(SmallDefinition(name: "missing-key", endpoint: endpoint)), 0)
        let isBlocked = try await eventually {
            try await installation.state(of: "missing-key")?.block != nil
        }
        #expect(isBlocked)
        expect(
            try await installation.fledge("explain", "missing-key"), 0, "FLEDGE_TEST_MISSING_KEY",
            "is not there or empty",
            "fledge retry missing-key", "[model.unauthorized]")
    }

    @Test("db commands use the private server of a daemon that runs, and leave it running")
    func databaseBesideDaemon() async throws {
        let installation = try installation()
        expect(try await installation.fledge("db", "status"), 0, "applied")
        expect(try await installation.fledge("db", "prune", "--dry-run"), 0, "files of adapters")
        #expect(await eventually { await installation.client.isReady() })
    }

    @Test("a release is not written over files, not approved twice, and has to be there")
    func releases() async throws {
        let installation = try installation()
        let endpoint = ".openAICompatible(\"\(installation.modelServer)\", key: .env(\"FLEDGE_TEST_RIGHT_KEY\"))"
        expect(try await installation.apply(SmallDefinition(name: "promoted", endpoint: endpoint)), 0)
        let isLive = try await eventually {
            try await installation.state(of: "promoted")?.activity == .live
        }
        let explanation = try await installation.fledge("explain", "promoted").output
        try #require(isLive, "\(explanation)")

        let target = URL(filePath: installation.folder).appending(path: "taken")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: target.appending(path: "notes"))
        expect(
            try await installation.fledge("release", "export", "promoted", "--to", "taken"), 73, "taken",
            "the folder is not empty", "name a new folder", "[release.export_exists]")
        #expect(try FileManager.default.contentsOfDirectory(atPath: target.path) == ["notes"])
        expect(
            try await installation.fledge("release", "export", "promoted", "--to", "/dev/null/folder"), 73,
            "/dev/null/folder",
            "[release.export_failed]")
        expect(
            try await installation.fledge("release", "export", "promoted", "7", "--to", "other"), 64,
            "promoted has no release 7",
            "fledge release list promoted", "[release.unknown]")
        #expect(!FileManager.default.fileExists(atPath: installation.folder + "/other"))
        expect(try await installation.fledge("release", "show", "promoted", "7"), 64, "[release.unknown]")
        expect(
            try await installation.fledge("release", "rollback", "promoted", "7", "--reason", "test"), 64,
            "no release 7",
            "[release.unknown]")
        expect(
            try await installation.fledge("approve", "promoted"), 64,
            "approval-given is not possible in production/live",
            "fledge status", "[cycle.rejected_event]")
    }
}
