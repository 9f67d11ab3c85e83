import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import ManagedProcess

/// Turns `workflows/*.swift` files into documents, by compiling and running them against the DSL's library: in a sandbox,
/// for a definition is somebody's code.
///
/// Results are kept by the hash of the file, the compiler and the library: a file that didn't change isn't compiled.
package struct DefinitionCompiler: Sendable {
    package static let compilerVariable = EnvironmentVariable.compiler.rawValue

    private let library: DSLLibrary
    private let environment: [String: String]
    private let cache: DefinitionCache
    /// A definition only builds values; one that runs longer than this has gone astray.
    private let runLimit: Duration
    private let trust: DefinitionTrust
    private let report: @Sendable (String) -> Void

    /// - Parameters:
    ///   - cacheDirectory: what is in it can be made again.
    ///   - trust: which definitions may do whatever their user can.
    ///   - report: called with what was trusted for want of a sandbox.
    package init(
        library: DSLLibrary, environment: [String: String], cacheDirectory: String, runLimit: Duration = .seconds(10),
        trust: DefinitionTrust = .none, report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.trust = trust
        self.report = report
        self.library = library
        self.environment = environment
        cache = DefinitionCache(
            folder: URL(fileURLWithPath: cacheDirectory, isDirectory: true).appendingPathComponent("definitions"))
        self.runLimit = runLimit
    }

    /// Every use case that the file declares, in order.
    ///
    /// - Throws: `FledgeError` with `definition.missing`, `.not_swift`, `.no_use_case`, `.does_not_compile` (the
    ///   compiler's own words), `.failed` (all exit 65), `.compiler_missing`, `.no_sandbox` (69) or `.cache_unwritable` (73).
    package func compile(_ path: String) async throws -> [CompiledDefinition] {
        let source = try read(path)
        let names = DefinitionEntryPoint.useCaseNames(in: source)
        guard !names.isEmpty else {
            throw FledgeError(
                "definition.no_use_case", "the file declares no use case", place: path,
                hint: "write `let name = UseCase(\"name\") { … }` at the start of a line, not private")
        }
        let compiler = try compilerPath()
        let key = Digest(
            of: ["in a sandbox", path, source, identity(of: compiler), identity(of: library.path)].joined(
                separator: "\u{0}"))
        let directory = URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent().path
        if let lines = cache.lines(for: key),
            let documents = try? decode(lines, from: path), documents.count == names.count
        {
            return documents.map { CompiledDefinition(document: $0, sourceText: source, directory: directory) }
        }
        try cache.prepare()
        let lines = try await lines(
            DefinitionRun(
                path: path, source: source, names: names, compiler: compiler, library: library, cache: cache.folder,
                key: key, limit: runLimit))
        let documents = try decode(lines, from: path)
        guard documents.count == names.count else {
            throw FledgeError(
                "definition.failed", "the definition ended before all of its use cases were made", place: path,
                hint: "a definition only declares values: remove what ends the program", exitCode: .badData)
        }
        cache.keep(lines, for: key)
        return documents.map { CompiledDefinition(document: $0, sourceText: source, directory: directory) }
    }

    private func read(_ path: String) throws(FledgeError) -> String {
        guard path.hasSuffix(".swift"), (path as NSString).lastPathComponent != "main.swift" else {
            throw FledgeError(
                "definition.not_swift", "a definition is a .swift file with another name than main.swift", place: path,
                hint: "name it after the use case, such as workflows/support-triage.swift")
        }
        guard let data = FileManager.default.contents(atPath: path), let text = String(validating: data, as: UTF8.self)
        else {
            throw FledgeError(
                "definition.missing", "there is no readable definition at this path", place: path,
                hint: "check the path and its permissions; the file has to be UTF-8")
        }
        return text
    }

    private func lines(_ run: DefinitionRun) async throws -> String {
        if trust == .all { return try await run.lines(sandbox: nil) }
        do {
            guard let sandbox = Sandbox(environment: environment) else {
                throw DefinitionRun.noSandbox(Sandbox.missing, place: run.path)
            }
            return try await run.lines(sandbox: sandbox)
        } catch let error as FledgeError where error.code == .definitionNoSandbox {
            // What was read is what is compiled, whatever lies at the path by now.
            let digest = Digest(of: run.source)
            guard case .whereNoSandbox(let known) = trust, known.contains(digest) else { throw error }
            report("\(run.path) is trusted, as SHA-256 \(digest.rawValue): \(error.message)")
            return try await run.lines(sandbox: nil)
        }
    }

    private func decode(_ lines: String, from path: String) throws(FledgeError) -> [DefinitionDocument] {
        do {
            return try lines.split(separator: "\n").map {
                try JSONProfile.canonical.value(DefinitionDocument.self, from: Data($0.utf8))
            }
        } catch {
            throw FledgeError(
                "definition.failed", "the definition's document can't be read: \(error)", place: path,
                hint: "check that fledge and \(library.path) come from the same release", exitCode: .badData)
        }
    }

    private func compilerPath() throws(FledgeError) -> String {
        if let chosen = environment[Self.compilerVariable], !chosen.isEmpty { return chosen }
        for folder in (environment["PATH"] ?? "").split(separator: ":") {
            let path = "\(folder)/swiftc"
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw FledgeError(
            "definition.compiler_missing", "swiftc is not in PATH: definitions are compiled with it",
            hint: "install Swift 6.2 or later, or set \(Self.compilerVariable)")
    }

    /// Asking the compiler for its version takes longer than a cached check; its file's size and age change with it.
    private func identity(of path: String) -> String {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let facts = try? FileManager.default.attributesOfItem(atPath: real)
        let changed = (facts?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return "\(real) \(facts?[.size] ?? 0) \(changed)"
    }
}
