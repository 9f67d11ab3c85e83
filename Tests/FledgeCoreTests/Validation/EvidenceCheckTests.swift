import FledgeCore
import FledgeDSL
import FledgeDocument
import Testing

@Suite("What check knows of comparisons, slices and robustness") struct EvidenceCheckTests {
    private static let facts = DatasetFacts(
        error: nil, rowCount: 1000, fields: ["text", "answer", "language", "reworded"], labels: 2, problems: [],
        path: "data.jsonl")

    private static func diagnostics(_ document: DefinitionDocument) -> [Diagnostic] {
        DefinitionValidator.diagnostics(
            for: document, dataset: facts, isKnownZone: { _ in true }, isRegularExpression: { _ in true })
    }

    private static let sound = UseCase("sound") {
        Dataset("data.jsonl") {
            Input("text")
            Expected("answer")
            Split(prototype: 200, holdout: 300, seed: 7)
        }
        Models { Model("small", at: .local) }
        PromptPrototype {
            Prompt("plain") { User("{{text}}") }
            Decoding(choices: .labels)
            Budget(calls: 100)
        }
        Validation {
            Require {
                Accuracy(atLeast: 0.8)
                NoWorseThan(.champion, by: 0.02)
                BetterThan(.champion, on: .validOutput)
                CheaperThan(.champion, by: 0.10)
                Robustness(
                    atLeast: 0.8, perturbations: .case, .typos, .reorderedChoices, .paraphrases("reworded"),
                    examples: 60)
            }
            Slices("language", examples: 30)
        }
    }

    @Test("a sound definition has no problem")
    func soundDefinition() {
        #expect(Self.diagnostics(Self.sound.document) == [])
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let code: String
        let place: String
        let change: @Sendable (inout ValidationDefinition) -> Void
        var testDescription: String { code }

        init(_ code: String, _ place: String, _ change: @escaping @Sendable (inout ValidationDefinition) -> Void) {
            (self.code, self.place, self.change) = (code, place, change)
        }
    }

    static let faults: [Fault] = [
        Fault("criterion.contradiction", "validation.require[1]") {
            $0.require = [
                CriterionDefinition(metric: .accuracy, bound: .atLeast(0.9)),
                CriterionDefinition(metric: .accuracy, bound: .atMost(0.8)),
            ]
        },
        Fault("comparison.bad_margin", "validation.comparisons[0]") { $0.comparisons?[0].margin = 2 },
        Fault("comparison.bad_margin", "validation.comparisons[0]") { $0.comparisons?[0].margin = 0 },
        Fault("comparison.bad_margin", "validation.comparisons[1]") { $0.comparisons?[1].margin = -0.1 },
        Fault("comparison.bad_margin", "validation.comparisons[2]") { $0.comparisons?[2].margin = .nan },
        Fault("comparison.bad_confidence", "validation.comparisons[0]") { $0.comparisons?[0].confidence = 95 },
        Fault("comparison.bad_metric", "validation.comparisons[1]") { $0.comparisons?[1].metric = .tokensPerCall },
        Fault("comparison.duplicate", "validation.comparisons[2]") {
            $0.comparisons?[2] = ComparisonDefinition(kind: .noWorse, margin: 0.1)
        },
        Fault("comparison.implied", "validation.comparisons[0]") { $0.comparisons?[1].metric = nil },
        Fault("slices.no_field", "validation.slices") { $0.slices?.fields = [] },
        Fault("slices.duplicate", "validation.slices") { $0.slices?.fields = ["language", "language"] },
        Fault("slices.bad_examples", "validation.slices") { $0.slices?.minimumExamples = 0 },
        Fault("slices.bad_confidence", "validation.slices") { $0.slices?.confidence = 1 },
        Fault("dataset.unknown_field", "validation.slices") { $0.slices?.fields = ["chanel"] },
        Fault("dataset.unknown_field", "validation.require[1]") {
            $0.require[1].metric = .robustness([.paraphrase(field: "nothing")], examples: nil)
        },
        Fault("criterion.no_perturbation", "validation.require[1]") {
            $0.require[1].metric = .robustness([], examples: nil)
        },
        Fault("criterion.bad_perturbation", "validation.require[1]") {
            $0.require[1].metric = .robustness([.typos, .typos], examples: nil)
        },
        Fault("criterion.bad_examples", "validation.require[1]") {
            $0.require[1].metric = .robustness([.typos], examples: 0)
        },
        Fault("criterion.unreachable", "validation.require[1]") {
            $0.require[1].metric = .robustness([.typos], examples: 5)
        },
    ]

    @Test("each fault is found at its line, with its code", arguments: faults)
    func finds(_ fault: Fault) throws {
        var document = Self.sound.document
        var validation = try #require(document.useCase.validation)
        fault.change(&validation)
        document.useCase.validation = validation
        let line = try #require(document.locations[fault.place])
        let found = Self.diagnostics(document)
        #expect(found.contains { $0.code == fault.code && $0.line == line }, "\(found)")
    }

    @Test(
        "whoever gives a share in percent is told the share, where it is one",
        arguments: [
            (1, "write 0.01"), (20, "write 0.20"), (2.5, "write 0.0250"), (99.9, "write 0.9990"), (100, nil), (-1, nil),
            (99.999_999_99, nil),
        ] as [(Double, String?)])
    func percent(_ share: Double, told: String?) {
        var document = Self.sound.document
        document.useCase.validation?.missingAnswers = share
        document.useCase.validation?.comparisons?[0].margin = share
        document.useCase.validation?.require[0].bound = .atLeast(share)
        let codes = ["validation.bad_missing_answers", "comparison.bad_margin", "criterion.out_of_range"]
        let found = Self.diagnostics(document).filter { codes.contains($0.code) }
        // A bound of 1 is a share, though none that can be shown.
        #expect(found.count == (share == 1 ? 2 : 3))
        for finding in found {
            #expect(finding.hint == told || told == nil && finding.hint?.hasPrefix("write") != true, "\(finding)")
        }
    }

    @Test("choices that are not there cannot be reordered, and robustness is nothing for the prototype stage")
    func misplaced() {
        var document = Self.sound.document
        document.useCase.promptPrototype?.decoding.choices = .none
        document.useCase.promptPrototype?.advance = [
            AdvanceAlternative(conditions: [
                .criterion(CriterionDefinition(metric: .robustness([.typos], examples: nil), bound: .atLeast(0.8)))
            ])
        ]
        let codes = Set(Self.diagnostics(document).map(\.code))
        #expect(codes.isSuperset(of: ["criterion.bad_perturbation", "advance.only_at_the_gate"]))
    }
}
