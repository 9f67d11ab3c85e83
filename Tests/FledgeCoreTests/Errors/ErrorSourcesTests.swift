import Foundation
import Testing

@testable import FledgeCore

@Suite("The catalogue of errors and the sources")
struct ErrorSourcesTests {
    /// Texts that look like codes of a family and are none: files, and places in a definition or a trace.
    private static let others: Set<String> = [
        "adapter.gguf", "adapter.py", "candidate.json", "dataset.expected", "dataset.group", "dataset.leaks",
        "dataset.path", "dataset.preferences", "dataset.split", "dataset.split.holdout", "dataset.split.prototype",
        "dataset.split.seed", "definition.bpf", "fledge.adapter", "fledge.cycle.id", "fledge.event",
        "fledge.experiment.calls", "fledge.experiment.id", "fledge.json", "fledge.training.attempt",
        "fledge.training.executor", "fledge.work", "fledge.work.attempt", "fledge.work.id", "fledge.work.kind",
        "forecast.calls", "forecast.horizon.count", "job.json", "job.py", "model.adapter_", "model.safetensors",
        "model.safetensors.index.json", "production.approval", "server.address", "spend.calls", "spend.tokens",
        "validation.slices", "validation.slices.confidence",
    ]

    /// Raised by executors alone, which are added as modules of their own.
    private static let elsewhere: Set<FledgeError.Code> = [.executorCannotLookUp]

    @Test("every code in the sources has an entry, and every entry is raised somewhere")
    func codes() throws {
        let sources = try SourceText.all()
        let families = Set(ErrorCatalogue.families.map(\.name))
        var found: Set<String> = []
        for source in sources {
            for match in source.text.matches(of: /"(([a-z][a-z0-9_]*)(?:\.[a-z0-9_]+)+)(?:"|\\\()/)
            where families.contains(String(match.output.2)) {
                found.insert(String(match.output.1))
            }
        }
        found.subtract(Self.others)
        let unknown = found.filter { ErrorCatalogue.entry(of: .init(rawValue: $0)) == nil }
        #expect(unknown.sorted() == [])
        let constants = try SourceText.constants()
        let named = sources.flatMap { source in
            source.text.matches(of: /(?:\(\s*|FledgeError\.Code)\.(\w+)/).map { String($0.output.1) }
        }
        found.formUnion(Set(named).compactMap { constants[$0] })
        let raised = Set(found.map(FledgeError.Code.init(rawValue:))).union(Self.elsewhere)
        #expect(ErrorCatalogue.all.map(\.code).filter { !raised.contains($0) } == [])
    }

    @Test("what is raised belongs to a family of the catalogue")
    func families() throws {
        let families = Set(ErrorCatalogue.families.map(\.name))
        for source in try SourceText.all() {
            for match in source.text.matches(of: /(?:FledgeError|Diagnostic|AuditFinding)\(\s*"([a-z0-9_]+)\./) {
                #expect(families.contains(String(match.output.1)), "\(source.name): \(match.output.0)")
            }
        }
    }

    @Test("an exit status is said only where a code is raised with several, which the catalogue names")
    func exitStatuses() throws {
        var count = 0
        for source in try SourceText.all() where source.name.hasSuffix(".swift") {
            for match in source.text.matches(of: /(?:FledgeError|\.init)(?=\(\s*"([a-z0-9_]+(?:\.[a-z0-9_]+)+)")/) {
                let call = SourceText.call(in: source.text[match.range.upperBound...])
                guard let status = call.firstMatch(of: /exitCode: \.(\w+)\s*\)$/)?.output.1,
                    let entry = ErrorCatalogue.entry(of: .init(rawValue: String(match.output.1)))
                else { continue }
                count += 1
                let allowed = ([entry.exitStatus] + entry.otherExitStatuses).map { "\($0)" }
                #expect(allowed.count > 1 && allowed.contains(String(status)), "\(source.name): \(entry.code.rawValue)")
            }
        }
        #expect(count > 10)
    }

    @Test("no comparison spells a code out, so that a misspelt one does not compile")
    func comparisons() throws {
        for source in try SourceText.all() {
            let spelt = source.text.matches(of: /\bcode(?:\.rawValue)? *[!=]= *"[a-z_]+(?:\.[a-z_0-9]+)+"/)
            #expect(spelt.isEmpty, "\(source.name): \(spelt.map { String($0.output) })")
        }
    }
}

/// The sources that raise errors: neither the catalogue itself, nor what endpoints say that they may answer, nor what tests
/// and benchmarks say to themselves.
private struct SourceText {
    let name: String
    let text: String

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardizedFileURL

    static func all() throws -> [Self] {
        let skipped = ["FledgeTestKit", "FledgeBench", "FledgeCore/Errors", "FledgeAPI/Endpoint", "FledgeAPI/OpenAPI"]
        return try read("Sources").filter { source in !skipped.contains(where: source.name.contains) }
            + read("migrations")
    }

    /// The codes of `FledgeError.Code`'s constants, by the constants' names.
    static func constants() throws -> [String: String] {
        let matches = try read("Sources/FledgeCore/Errors").flatMap { source in
            source.text.matches(of: /static let (\w+): (?:Self|FledgeError\.Code) = "([^"]+)"/).map { match in
                (String(match.output.1), String(match.output.2))
            }
        }
        return Dictionary(matches) { first, _ in first }
    }

    /// From the bracket that opens up to the one that closes; texts have both or neither.
    static func call(in text: Substring) -> Substring {
        var depth = 0
        for index in text.indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" { depth -= 1 }
            if depth == 0 { return text[...index] }
        }
        return text
    }

    private static func read(_ folder: String) throws -> [Self] {
        let place = root.appending(path: folder)
        let files = try #require(FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil))
        return try files.compactMap { $0 as? URL }.filter { ["swift", "py"].contains($0.pathExtension) }.map { file in
            Self(name: file.path(), text: try String(contentsOf: file, encoding: .utf8))
        }
    }
}
