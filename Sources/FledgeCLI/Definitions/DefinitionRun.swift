import FledgeCore
import Foundation
import Glibc
import ManagedProcess

/// One definition that is compiled, and run to say what it declares, in a folder of its own.
struct DefinitionRun: Sendable {
    let path: String
    let source: String
    let names: [String]
    let compiler: String
    let library: DSLLibrary
    let cache: URL
    let key: Digest
    let limit: Duration

    /// Memory, time and files of the compiler, which a text can make work for long.
    private static let compilerLimits = Sandbox.Limits(
        memoryBytes: 8 << 30, processorSeconds: 120, fileBytes: 1 << 30, allowsProcesses: true)
    /// In the sandbox.
    private static let workshop = "/.definition"
    private static let modules = "/.modules"

    /// The lines that hold documents.
    ///
    /// - Parameter sandbox: nil for a definition that is trusted.
    func lines(sandbox: Sandbox?) async throws -> String {
        let folder = cache.appendingPathComponent("build-\(key.short)-\(UUID().uuidString)")
        let workshop = folder.appendingPathComponent("out")
        let entryPoint = workshop.appendingPathComponent("main.swift")
        // What was hashed is what is compiled, also where the file changes meanwhile.
        let copy = folder.appendingPathComponent("source.swift")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            try FileManager.default.createDirectory(at: workshop, withIntermediateDirectories: false)
            try Data(DefinitionEntryPoint.source(printing: names).utf8).write(to: entryPoint)
            try Data(source.utf8).write(to: copy)
            for file in [entryPoint, copy] {
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
            }
            try sandbox?.makeWritable(workshop)
        } catch {
            throw FledgeError(
                "definition.cache_unwritable", "the folder for compiled definitions can't be written",
                place: cache.path,
                hint: "check its permissions, or choose another with FLEDGE_CACHE_HOME")
        }
        defer { try? FileManager.default.removeItem(at: folder) }
        let compiling: Command
        let running: Command
        do {
            if let sandbox {
                (compiling, running) = try await commands(in: sandbox, folder: folder, copy: copy)
            } else {
                let program = workshop.appendingPathComponent("definition").path
                let modules = cache.appendingPathComponent("modules").path
                compiling = Command(
                    compiler,
                    arguments(file: path, entryPoint: entryPoint.path, modules: modules, program: program))
                running = Command(program, inheritsEnvironment: false)
            }
        } catch let error as ProcessError {
            throw FledgeError(
                "definition.failed", error.message, place: path, hint: error.hint, exitCode: .unavailable)
        }
        return try await documents(of: running, after: compiling, isSandboxed: sandbox != nil)
    }

    private func documents(
        of running: Command, after compiling: Command, isSandboxed: Bool
    ) async throws -> String {
        let compilation = try await execute(compiling, limit: .seconds(120))
        guard compilation.exit.isSuccess else {
            if isSandboxed, let obstacle = Sandbox.obstacle(in: compilation.errorOutput) {
                throw Self.noSandbox("bubblewrap can't make one here (\(obstacle))", place: path)
            }
            throw FledgeError(
                "definition.does_not_compile", Self.readable(compilation.errorOutput + compilation.output))
        }
        let result = try await execute(running, limit: limit)
        guard result.exit.isSuccess else {
            let exit = isSandboxed ? Sandbox.exit(result.exit) : result.exit
            let cause = Self.trap(in: result.errorOutput).map { ": \($0)" } ?? ""
            throw FledgeError(
                "definition.failed", "the definition stopped with \(exit) while it was read\(cause)", place: path,
                hint: "a definition only declares values, in a sandbox with little memory, without files and network: "
                    + "look for a trap such as an index out of range",
                exitCode: .badData)
        }
        let lines = result.output.split(separator: "\n").filter { $0.hasPrefix(DefinitionEntryPoint.marker) }
        return lines.map { $0.dropFirst(DefinitionEntryPoint.marker.count) }.joined(separator: "\n")
    }

    static func noSandbox(_ reason: String, place: String) -> FledgeError {
        FledgeError(
            "definition.no_sandbox",
            "a definition is code, and there is no sandbox here to compile and run it in: \(reason)", place: place,
            hint: "install bubblewrap and let it make namespaces, or say --trust for definitions that you have read: "
                + "they can then do whatever you can")
    }

    // MARK: The two commands

    /// The compiler sees the toolchain, the library and the definition; what it made then sees the libraries.
    private func commands(in sandbox: Sandbox, folder: URL, copy: URL) async throws -> (Command, Command) {
        let toolchain = try await SwiftToolchain(of: compiler)
        let modules = cache.appendingPathComponent(geteuid() == 0 ? "modules-of-sandbox" : "modules")
        try sandbox.makeWritable(modules)
        let workshop = folder.appendingPathComponent("out").path
        let current = FileManager.default.currentDirectoryPath
        let absolute = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
        // A name with `..` behind folders leads through folders that the sandbox doesn't have.
        let isPlain = !path.drop { $0 == "." || $0 == "/" }.contains("..")
        let libraries = [Sandbox.Place(toolchain.root), .init(library.path)]
        let compiling = try sandbox.command(
            [toolchain.compiler]
                + arguments(
                    file: isPlain ? path : absolute, entryPoint: Self.workshop + "/main.swift", modules: Self.modules,
                    program: Self.workshop + "/definition"),
            places: [
                libraries[0], .init(library.modules), libraries[1], .init(absolute, from: copy.path),
                .init(Self.workshop, from: workshop, isWritable: true),
                .init(Self.modules, from: modules.path, isWritable: true),
            ], directory: current, environment: ["PATH": "/usr/bin:/bin", "TMPDIR": Self.workshop],
            limits: Self.compilerLimits, filter: folder.appendingPathComponent("compiler.bpf"))
        let program = Self.workshop + "/definition"
        let running = try sandbox.command(
            [program], places: libraries + [.init(program, from: workshop + "/definition")], directory: "/",
            limits: Sandbox.Limits(
                memoryBytes: 1 << 30, processorSeconds: Int(limit.components.seconds) + 1, fileBytes: 0,
                allowsProcesses: false), filter: folder.appendingPathComponent("definition.bpf"))
        return (compiling, running)
    }

    private func arguments(file: String, entryPoint: String, modules: String, program: String) -> [String] {
        [
            "-swift-version", "6", "-Onone", "-module-name", "Definition",
            "-I", library.modules, "-L", library.directory, "-lFledgeDSL",
            "-Xlinker", "-rpath", "-Xlinker", library.directory, "-module-cache-path", modules,
            file.hasPrefix("-") ? "./" + file : file, entryPoint, "-o", program,
        ]
    }

    private func execute(_ command: Command, limit: Duration) async throws -> Command.Result {
        do { return try await command.run(timeout: limit, outputLimit: 16 << 20) } catch let error as ProcessError {
            let message =
                switch error.code {
                case .timedOut: "the definition did not end within \(limit)"
                case .tooMuchOutput: "the definition wrote more than 16 MB"
                default: error.message
                }
            throw FledgeError(
                "definition.failed", message, place: path, hint: error.hint ?? "check what the definition does",
                exitCode: .badData)
        }
    }

    /// What Swift says of a trap, such as "Index out of range"; nil where it says nothing.
    static func trap(in output: String) -> String? {
        let words = "Fatal error: "
        guard let line = output.split(whereSeparator: \.isNewline).first(where: { $0.contains(words) }),
            let range = line.range(of: words)
        else { return nil }
        return InertText.line(String(line[range.upperBound...].prefix(200)))
    }

    /// The compiler's messages without the notes that point into the library: those are of no help to its user.
    static func readable(_ output: String) -> String {
        output.split(separator: "\n\n")
            .filter { !$0.contains("has been explicitly marked unavailable here") }
            .joined(separator: "\n\n")
    }
}
