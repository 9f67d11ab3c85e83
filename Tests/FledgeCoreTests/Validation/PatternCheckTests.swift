import FledgeCore
import FledgeDSL
import FledgeDocument
import Testing

@Suite("Patterns in a definition") struct PatternCheckTests {
    private static let facts = DatasetFacts(
        error: nil, rowCount: 1000, fields: ["text", "answer"], labels: 12, problems: [], path: "data.jsonl")

    private static func definition(_ pattern: String) -> DefinitionDocument {
        UseCase("sound") {
            Dataset("data.jsonl") {
                Input("text")
                Expected("answer")
                Split(prototype: 200, holdout: 300, seed: 7)
            }
            Models { Model("small", at: .local) }
            PromptPrototype {
                Prompt("plain") { User("{{text}}") }
                Budget(calls: 100)
            }
            Validation {
                Require { RegularExpression(pattern, atLeast: 0.8) }
            }
        }.document
    }

    static let findings: [(String, String?, Diagnostic.Severity)] = [
        ("^[0-9]{3}$", nil, .error), ("[a-z]+$", nil, .error), ("(", "criterion.bad_pattern", .error),
        ("^(a+)+$", "criterion.slow_pattern", .warning), ("(x|xx)*y", "criterion.slow_pattern", .warning),
        (String(repeating: "city|", count: 1_001), "criterion.pattern_too_long", .error),
        ("(a)" + String(repeating: "\\1|", count: 17), "criterion.pattern_references", .error),
    ]

    @Test("check says what is wrong with a pattern, and where it stands", arguments: findings)
    func check(pattern: String, code: String?, severity: Diagnostic.Severity) throws {
        let document = Self.definition(pattern)
        let found = DefinitionValidator.diagnostics(
            for: document, dataset: Self.facts, isKnownZone: { _ in true },
            isRegularExpression: RegularExpressionScorer.compiles,
            patternTrouble: { (try? RegularExpressionScorer.trouble(with: $0)) ?? nil }
        ).filter { $0.code.hasPrefix("criterion") && $0.code.contains("pattern") }
        #expect(found.map(\.code) == (code.map { [$0] } ?? []), "\(found)")
        guard let finding = found.first else { return }
        let line = try #require(document.locations["validation.require[0]"])
        #expect(finding.severity == severity && finding.line == line)
        #expect(finding.message.contains("/\(pattern.prefix(200))"))
    }
}
