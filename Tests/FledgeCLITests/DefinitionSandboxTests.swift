import FledgeCLI
import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation
import Glibc
import ManagedProcess
import Synchronization
import Testing

/// Definitions of somebody's, on a machine with something to lose.
@Suite struct DefinitionSandboxTests {
    /// What a definition could find, read and change: listeners and a secret in a folder that everybody may enter.
    private static func withSurroundings(
        _ body: (HostileDefinition.Surroundings) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { folder in
            let socket = folder + "/socket"
            try await ForeignListener.with(socket: socket) { port in
                try Data("canary".utf8).write(to: URL(filePath: folder + "/secret"))
                chmod(folder, 0o777)
                chmod(folder + "/secret", 0o644)
                try await body(
                    HostileDefinition.Surroundings(
                        folder: folder, port: port, socket: socket,
                        variable: "PATH=" + (ProcessInfo.processInfo.environment["PATH"] ?? "/")))
            }
        }
    }

    @Test("what a definition tries besides declaring values comes to nothing", arguments: HostileDefinition.all)
    func hostile(definition: HostileDefinition) async throws {
        try await Self.withSurroundings { surroundings in
            let environment = ProcessInfo.processInfo.environment
            let compiler = DefinitionCompiler(
                library: try DSLLibrary.locate(environment: environment), environment: environment,
                cacheDirectory: surroundings.folder + "/cache",
                runLimit: definition.isEndless ? .seconds(3) : .seconds(60))
            let file = surroundings.folder + "/hostile.swift"
            try Data(definition.source(in: surroundings).utf8).write(to: URL(filePath: file))
            switch definition.end {
            case .sees(let name):
                #expect(try await compiler.compile(file).map(\.document.useCase.name) == [name])
            case .stops(let words):
                let error = await #expect(throws: FledgeError.self) { try await compiler.compile(file) }
                #expect(error?.code == "definition.failed" && error?.message.contains(words) == true, "\(error as Any)")
            }
            #expect(!FileManager.default.fileExists(atPath: surroundings.folder + "/hostile"))
            let isAlone = try await eventually { try Self.processes(in: surroundings.folder).isEmpty }
            #expect(isAlone)
        }
    }

    @Test(
        "nor where an ordinary user checks it",
        .enabled("a root who can be an ordinary user, and a compiler that everybody may run") {
            try await isReachable()
        },
        arguments: HostileDefinition.all)
    func hostileToUser(definition: HostileDefinition) async throws {
        try await Self.withSurroundings { surroundings in
            let folder = surroundings.folder
            let file = folder + "/hostile.swift"
            try Data(definition.source(in: surroundings).utf8).write(to: URL(filePath: file))
            let programs = try Self.programs(in: folder)
            let result = try await Self.asUser(
                [programs, "check", file], in: folder, library: (programs as NSString).deletingLastPathComponent)
            let said = result.output + result.errorOutput
            #expect(result.exit == .exited(65), "\(said)")
            switch definition.end {
            case .sees(let name): #expect(said.contains("\"\(name)\" is not a name"), "\(said)")
            case .stops(let words): #expect(said.contains(words) && said.contains("[definition.failed]"), "\(said)")
            }
            #expect(!FileManager.default.fileExists(atPath: folder + "/hostile"))
        }
    }

    @Test("a definition ends with the fledge that checks it, also where that is killed")
    func killed() async throws {
        try await Self.withSurroundings { surroundings in
            let folder = surroundings.folder
            let waiting = try #require(HostileDefinition.all.first { $0.description == "waits for ever" })
            try Data(waiting.source(in: surroundings).utf8).write(to: URL(filePath: folder + "/hostile.swift"))
            let command = try BuiltPrograms.command("fledge", ["check", "hostile.swift"], in: folder)
            let fledge = try await ManagedProcess.start(command, bond: .none)
            let runs = try await eventually { try Self.isRunning(in: folder) }
            #expect(runs)
            kill(fledge.processID, SIGKILL)
            _ = await fledge.waitForExit()
            let isAlone = try await eventually { try Self.processes(in: folder).isEmpty }
            #expect(isAlone)
        }
    }

    @Test(
        "the sandbox of a check ends with the fledge that makes it, whenever that is killed", .serialized,
        arguments: 0..<24)
    func killedEarly(moment: Int) async throws {
        try await Self.withSurroundings { surroundings in
            let folder = surroundings.folder
            let waiting = try #require(HostileDefinition.all.first { $0.description == "waits for ever" })
            try Data(waiting.source(in: surroundings).utf8).write(to: URL(filePath: folder + "/hostile.swift"))
            let command = try BuiltPrograms.command("fledge", ["check", "hostile.swift"], in: folder)
            let fledge = try await ManagedProcess.start(command, bond: .none)
            let begins = try await eventually(every: .microseconds(100)) { try !Self.processes(in: folder).isEmpty }
            #expect(begins)
            // From the shell's first step to the compiler at work: bubblewrap takes a few milliseconds.
            let start = ContinuousClock.now
            while ContinuousClock.now - start < .microseconds(500 * moment) {}
            kill(fledge.processID, SIGKILL)
            _ = await fledge.waitForExit()
            let isAlone = try await eventually { try Self.processes(in: folder).isEmpty }
            #expect(isAlone)
        }
    }

    @Test("without bubblewrap a definition is refused, with what to do, unless it is trusted")
    func withoutSandbox() async throws {
        try await Self.withSurroundings { surroundings in
            var environment = ProcessInfo.processInfo.environment
            let library = try DSLLibrary.locate(environment: environment)
            environment[DefinitionCompiler.compilerVariable] = try await Self.compiler()
            let file = surroundings.folder + "/case.swift"
            try Data("import FledgeDSL\nlet it = UseCase(\"it\") {}\n".utf8).write(to: URL(filePath: file))
            // One that gives up as bubblewrap does where namespaces are forbidden.
            let bin = surroundings.folder + "/bin"
            try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: false)
            let refusal = "bwrap: No permissions to create new namespace"
            try Data("#!/bin/sh\necho '\(refusal)' >&2\nexit 1\n".utf8).write(to: URL(filePath: bin + "/bwrap"))
            chmod(bin + "/bwrap", 0o755)
            environment["PATH"] = bin
            let reports = Mutex<[String]>([])
            func compiler(_ trust: DefinitionTrust) -> DefinitionCompiler {
                DefinitionCompiler(
                    library: library, environment: environment, cacheDirectory: surroundings.folder + "/cache",
                    trust: trust, report: { text in reports.withLock { $0.append(text) } })
            }
            let error = await #expect(throws: FledgeError.self) { try await compiler(.none).compile(file) }
            #expect(error?.code == "definition.no_sandbox" && error?.exitCode == .unavailable)
            #expect(error?.message.contains(refusal) == true && error?.hint?.contains("--trust") == true)
            let digest = Digest(of: try Data(contentsOf: URL(filePath: file)))
            let known = DefinitionTrust.whereNoSandbox([digest])
            // Whose contents are not known is refused like any other, wherever it lies.
            let stranger = await #expect(throws: FledgeError.self) {
                try await compiler(.whereNoSandbox(OwnDefinitions.digests)).compile(file)
            }
            #expect(stranger?.code == "definition.no_sandbox" && stranger?.hint?.contains("--trust") == true)
            #expect(reports.withLock { $0.isEmpty })
            #expect(try await compiler(known).compile(file).map(\.document.useCase.name) == ["it"])
            let said = "case.swift is trusted, as SHA-256 \(digest.rawValue)"
            #expect(reports.withLock { $0.map { $0.contains(said) } } == [true])
            try Data("import FledgeDSL\nlet other = UseCase(\"other\") {}\n".utf8).write(to: URL(filePath: file))
            let changed = await #expect(throws: FledgeError.self) { try await compiler(known).compile(file) }
            #expect(changed?.code == "definition.no_sandbox")
            #expect(try await compiler(.all).compile(file).map(\.document.useCase.name) == ["other"])
            #expect(reports.withLock { $0.count } == 1)
        }
    }

    @Test("a definition is compiled as it was read, and messages name it as it was named")
    func place() async throws {
        try await Self.withSurroundings { surroundings in
            let place = URL(filePath: surroundings.folder)
            let text = "import FledgeDSL\nlet it = UseCase(\"it\") { Nothing() }\n"
            try FileManager.default.createDirectory(
                at: place.appending(path: "a/b"), withIntermediateDirectories: true)
            for name in ["case.swift", "a/case.swift"] { try Data(text.utf8).write(to: place.appending(path: name)) }
            for (path, folder) in [
                ("case.swift", ""), ("../case.swift", "a"), ("a/case.swift", ""),
            ] {
                let result = try await BuiltPrograms.command(
                    "fledge", ["check", path], in: surroundings.folder
                ).at(place.appending(path: folder)).run(timeout: .seconds(180))
                let said = result.output + result.errorOutput
                #expect(result.exit == .exited(65) && said.contains("\(path):2:"), "\(said)")
            }
        }
    }

    // MARK: An ordinary user

    private static let user = ["--reuid=65534", "--regid=65534", "--clear-groups"]

    private static func compiler() async throws -> String {
        let result = try await Command("/bin/sh", ["-c", "echo \"${FLEDGE_SWIFTC:-$(command -v swiftc)}\""])
            .run()
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func isReachable() async throws -> Bool {
        guard geteuid() == 0 else { return false }
        return try await Command("setpriv", user + ["test", "-x", compiler()]).run().exit.isSuccess
    }

    /// `fledge` with the library of definitions, where everybody may run it.
    private static func programs(in folder: String) throws -> String {
        let library = try DSLLibrary.locate(environment: ProcessInfo.processInfo.environment)
        let bin = folder + "/bin"
        try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: false)
        for (source, name) in [
            (try BuiltPrograms.path("fledge"), "fledge"), (library.path, "libFledgeDSL.so"),
            (library.modules + "/FledgeDSL.swiftmodule", "FledgeDSL.swiftmodule"),
            (library.modules + "/FledgeDocument.swiftmodule", "FledgeDocument.swiftmodule"),
        ] {
            try FileManager.default.copyItem(atPath: source, toPath: bin + "/" + name)
        }
        return bin + "/fledge"
    }

    private static func asUser(_ words: [String], in folder: String, library: String) async throws -> Command.Result {
        let home = folder + "/home"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: false)
        guard chown(home, 65_534, 65_534) == 0 else { throw CocoaError(.fileWriteNoPermission) }
        return try await Command(
            "setpriv", user + words,
            environment: [
                "HOME": home, "FLEDGE_CACHE_HOME": home + "/cache", "FLEDGE_STATE_DIR": home + "/state",
                "FLEDGE_LIBRARY_PATH": library, "FLEDGE_SWIFTC": try await compiler(), "TMPDIR": home,
            ], workingDirectory: URL(filePath: folder)
        ).run(timeout: .seconds(180))
    }

    /// The arguments of the processes that compile and run a definition with its cache in the folder: what is in a sandbox
    /// ends with the one that has made it.
    private static func processes(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { name in
            Int(name) != nil && words(of: name).contains(folder + "/cache/definitions")
        }
    }

    /// Whether the definition itself runs, and not only what makes its sandbox.
    private static func isRunning(in folder: String) throws -> Bool {
        let holders = try processes(in: folder)
        return try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { name in
            guard Int(name) != nil, words(of: name).hasPrefix("/.definition/definition"),
                let status = try? String(contentsOfFile: "/proc/\(name)/status", encoding: .utf8)
            else { return false }
            return holders.contains { status.contains("PPid:\t\($0)\n") }
        }
    }

    private static func words(of process: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data(), as: UTF8.self)
    }
}

extension Command {
    fileprivate func at(_ folder: URL) -> Command {
        var command = self
        command.workingDirectory = folder
        return command
    }
}
