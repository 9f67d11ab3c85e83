import FledgeCore
import FledgeDocument
import Testing

@Suite("Perturbations") struct PerturbedQuestionTests {
    private static let example = Example(
        id: ExampleID(1), row: 1, split: .holdout, group: "g",
        inputs: ["text": "The quick brown fox jumps over 13 lazy dogs"], expected: "b",
        fields: ["paraphrase": "A fast fox leaps"])
    private static let candidate = Candidate(
        name: "plain", system: "Answer with one of: a, b, c.", user: "{{text}}", demonstrations: [], model: "m",
        decoding: DecodingDefinition(), choices: ["a", "b", "c"])

    private static func question(_ perturbation: PerturbationDefinition) throws -> PerturbedQuestion {
        try PerturbedQuestion.question(perturbation, of: example, to: candidate, order: ["text"])
    }

    @Test(
        "each changes the question, the same way every time",
        arguments: [PerturbationDefinition.letterCase, .typos, .reorderedChoices, .paraphrase(field: "paraphrase")])
    func changes(_ perturbation: PerturbationDefinition) throws {
        let question = try Self.question(perturbation)
        #expect(question != PerturbedQuestion(inputs: Self.example.inputs, candidate: Self.candidate))
        #expect(try question == Self.question(perturbation))
    }

    @Test("other case changes the case alone")
    func letterCase() {
        let text = Self.example.inputs["text"] ?? ""
        #expect(PerturbedQuestion.otherCase(text) != text)
        #expect(PerturbedQuestion.otherCase(text).lowercased() == text.lowercased())
        #expect(PerturbedQuestion.otherCase("") == "")
        #expect(PerturbedQuestion.otherCase("123") == "123")
    }

    @Test("typos are few, and leave numbers and a word's first letter alone")
    func typos() throws {
        let text = Self.example.inputs["text"] ?? ""
        let changed = try PerturbedQuestion.withTypos(text)
        #expect(changed.contains("13"))
        #expect(abs(changed.count - text.count) <= 3)
        #expect(changed.split(separator: " ").map(\.first) == text.split(separator: " ").map(\.first))
        #expect(try PerturbedQuestion.withTypos("a 1") == "a 1")
    }

    @Test("reordered choices are the same choices, also in the prompt")
    func reordered() throws {
        let candidate = try Self.question(.reorderedChoices).candidate
        #expect(candidate.choices != ["a", "b", "c"] && Set(candidate.choices ?? []) == ["a", "b", "c"])
        #expect(candidate.system == "Answer with one of: \((candidate.choices ?? []).joined(separator: ", ")).")
    }

    @Test("a paraphrase takes the first input's place")
    func paraphrase() throws {
        #expect(try Self.question(.paraphrase(field: "paraphrase")).inputs == ["text": "A fast fox leaps"])
    }

    @Test("robustness is the share of examples whose score holds up under every change")
    func robustness() {
        func sample(_ example: Int, _ number: Int, _ score: Double) -> CriterionEvaluator.Measured {
            CriterionEvaluator.Measured(
                sample: Sample(
                    candidate: Digest(of: "c"), example: ExampleID(Int64(example)), repeat: number, output: "x",
                    errorCode: nil, scores: ["primary": score, "accuracy": score], promptTokens: 1, cachedTokens: 0,
                    completionTokens: 1, latencyMicroseconds: 1, costMicroDollars: 0, fromCache: false),
                group: "\(example)")
        }
        let measured = (0..<100).flatMap { index in
            [
                sample(index, 0, 1), sample(index, PerturbedQuestion.firstRepeat, index < 95 ? 1 : 0),
                sample(index, PerturbedQuestion.firstRepeat + 1, index < 3 ? 0 : 1),
            ]
        }
        let metric = MetricDefinition.robustness([.letterCase, .typos], examples: nil)
        let evaluator = CriterionEvaluator(measured: measured, looks: 1)
        let result = evaluator.judge(CriterionDefinition(metric: metric, bound: .atLeast(0.8)))
        #expect(result.value == 0.92 && result.count == 100 && result.verdict == .passed)
        // What was asked in other words counts neither as an example nor as a repeat.
        #expect(evaluator.judge(CriterionDefinition(metric: .accuracy, bound: .atLeast(0.9))).count == 100)
        let unasked = CriterionEvaluator(measured: measured.filter { $0.sample.repeat == 0 }, looks: 1)
            .judge(CriterionDefinition(metric: metric, bound: .atLeast(0.8)))
        #expect(unasked.verdict == .error && unasked.detail == "no changed question was asked")
    }
}
