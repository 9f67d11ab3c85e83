import FledgeCore
import FledgeDSL
import FledgeDocument
import Testing

@Suite("What check knows of judges")
struct JudgeCheckTests {
    private static func useCase(
        name: String = "helpful", by model: String = "judge", rubric: String = "It answers the question.",
        labels: Int? = nil, tried: Bool = false, alone: Bool = false
    ) -> UseCase {
        UseCase("triage") {
            Dataset("data.jsonl") {
                Input("text")
                Expected("reply")
                Split(prototype: 50, holdout: 300, seed: 3)
            }
            Models {
                Model("small", at: .local)
                Model("judge", at: .openAICompatible("https://models.example/v1"), tried: tried)
            }
            PromptPrototype {
                Prompt("plain") { User("{{text}}") }
                Advance { Judged(name, by: model, rubric: rubric, atLeast: 0.8, labels: labels) }
            }
            Validation {
                Require {
                    Judged(name, by: model, rubric: rubric, atLeast: 0.8, labels: labels)
                    if !alone { TokenF1(atLeast: 0.5) }
                }
            }
        }
    }

    private static let advanceLine = 24
    private static let requireLine = 28

    private static func diagnostics(_ useCase: UseCase) -> [Diagnostic] {
        DefinitionValidator.diagnostics(
            for: useCase.document,
            dataset: DatasetFacts(
                error: nil, rowCount: 1000, fields: ["text", "reply"], labels: 900, problems: [], path: "data.jsonl"),
            isKnownZone: { _ in true }, isRegularExpression: { _ in true })
    }

    @Test("a sound judge has no problem")
    func sound() {
        #expect(Self.diagnostics(Self.useCase(labels: 60)).isEmpty)
    }

    @Test("a model that is not tried is no candidate")
    func helpers() throws {
        let definition = Self.useCase().document.useCase
        let prototype = try #require(definition.promptPrototype)
        let split = PrototypeSplit(examples: [], definition: prototype, seed: 1)
        let search = PromptSearch(definition: definition, prototype: prototype, split: split, labels: [])
        #expect(search.candidates(round: 1, scored: []).map(\.model) == ["small"])
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let code: String
        let severity: Diagnostic.Severity
        let lines: [Int]
        let useCase: UseCase
        var testDescription: String { code }
    }

    static let faults = [
        Fault(
            code: "judge.unknown_model", severity: .error, lines: [advanceLine, requireLine],
            useCase: useCase(by: "gpt")),
        Fault(
            code: "judge.empty_rubric", severity: .error, lines: [advanceLine, requireLine],
            useCase: useCase(rubric: " \n")),
        Fault(
            code: "judge.bad_name", severity: .error, lines: [advanceLine, requireLine],
            useCase: useCase(name: "Very good")),
        Fault(
            code: "judge.few_labels", severity: .error, lines: [advanceLine, requireLine], useCase: useCase(labels: 5)),
        Fault(
            code: "judge.own_answers", severity: .warning, lines: [advanceLine, requireLine],
            useCase: useCase(tried: true)),
        Fault(code: "judge.alone", severity: .warning, lines: [requireLine], useCase: useCase(alone: true)),
    ]

    @Test("what is wrong with a judge is said with its file and line", arguments: faults)
    func faulty(fault: Fault) {
        let found = Self.diagnostics(fault.useCase).filter { $0.code == fault.code }
        #expect(found.map(\.line) == fault.lines)
        #expect(
            found.allSatisfy {
                $0.severity == fault.severity && $0.file.hasSuffix("JudgeCheckTests.swift") && $0.hint != nil
            })
    }

    @Test("one name judged in two ways is refused")
    func conflict() {
        var document = Self.useCase().document
        let other = JudgeDefinition(name: "helpful", model: "judge", rubric: "It is short.")
        document.useCase.validation?.require[0].metric = .judged(other)
        let found = DefinitionValidator.diagnostics(
            for: document,
            dataset: DatasetFacts(
                error: nil, rowCount: 1000, fields: ["text", "reply"], labels: 900, problems: [], path: "data.jsonl"),
            isKnownZone: { _ in true }, isRegularExpression: { _ in true })
        #expect(found.map(\.code) == ["judge.conflict"])
    }
}
