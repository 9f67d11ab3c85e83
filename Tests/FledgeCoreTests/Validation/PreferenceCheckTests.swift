import FledgeCore
import FledgeDSL
import FledgeDocument
import Testing

@Suite("What check knows of preferences")
struct PreferenceCheckTests {
    private static let document = UseCase("sound") {
        Dataset("data.jsonl") {
            Input("text")
            Expected("label")
            Preferences(chosen: "better", rejected: "worse")
            Split(prototype: 200, holdout: 300, seed: 7)
        }
        Models { Model("small", at: .local) }
        PromptPrototype {
            Prompt("plain") { User("{{text}}") }
            Budget(calls: 100)
        }
        Validation { Require { Accuracy(atLeast: 0.8) } }
        FineTune { LoRA(beta: 0.2) }
    }.document

    private static func diagnostics(_ document: DefinitionDocument) -> [Diagnostic] {
        let facts = DatasetFacts(
            error: nil, rowCount: 1000, fields: ["better", "label", "text", "worse"], labels: 12, problems: [],
            path: "data.jsonl")
        return DefinitionValidator.diagnostics(
            for: document, dataset: facts, isKnownZone: { _ in true }, isRegularExpression: { _ in true })
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let code: String
        let severity: Diagnostic.Severity
        let place: String
        let hint: String
        let change: @Sendable (inout UseCaseDefinition) -> Void
        var testDescription: String { "\(code) with \(hint)" }

        init(
            _ code: String, _ severity: Diagnostic.Severity, at place: String = "dataset.preferences", hint: String,
            _ change: @escaping @Sendable (inout UseCaseDefinition) -> Void
        ) {
            self.code = code
            self.severity = severity
            self.place = place
            self.hint = hint
            self.change = change
        }
    }

    static let faults: [Fault] = [
        Fault("dataset.bad_preferences", .error, hint: "name two fields") {
            $0.dataset?.preferences?.rejected = "better"
        },
        Fault("dataset.bad_preferences", .error, hint: "chosen: \"FIELD\"") { $0.dataset?.preferences?.chosen = "" },
        Fault("dataset.unknown_field", .error, hint: "did you mean worse?") {
            $0.dataset?.preferences?.rejected = "Worse"
        },
        Fault("dataset.unused_preferences", .warning, hint: "FineTune") { $0.fineTune = nil },
        Fault("fine_tune.unused_beta", .warning, at: "fineTune.lora", hint: "leave beta out") {
            $0.dataset?.preferences = nil
        },
    ]

    @Test("what cannot be learnt from them is told once, at its line, with what to do", arguments: faults)
    func checked(_ fault: Fault) throws {
        #expect(Self.diagnostics(Self.document) == [])
        var document = Self.document
        fault.change(&document.useCase)
        let found = Self.diagnostics(document)
        #expect(found.map(\.code) == [fault.code], "\(found)")
        #expect(found.first?.severity == fault.severity)
        #expect(found.first?.line == document.locations[fault.place] && found.first?.line != nil)
        #expect(found.first?.hint?.contains(fault.hint) == true)
    }

    @Test("that are added ask for new evidence, and the difference says what is preferred to what")
    func compared() {
        var before = Self.document.useCase
        before.dataset?.preferences = nil
        let changes = DefinitionDiff.listed(from: before, to: Self.document.useCase)
        #expect(changes.map(\.isEvidence) == [true])
        #expect(changes.first?.text.contains(", better preferred to worse") == true)
    }
}
