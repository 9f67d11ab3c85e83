import FledgeDocument
import Testing

@testable import FledgeCore

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

    @Test("a slip swaps two neighbouring letters, doubles one or leaves one out, and the first letter stays")
    func slips() throws {
        var found = [0, 0, 0]
        for last in "ghijklmnopqrstuvwxyz" {
            let word = Array("abcdef\(last)")
            func changed(_ change: (inout [Character], Int) -> Void) -> [String] {
                (1...5).map { place in
                    var letters = word
                    change(&letters, place)
                    return String(letters)
                }
            }
            let kinds = [
                changed { letters, place in letters.swapAt(place, place + 1) },
                changed { letters, place in letters.insert(word[place], at: place) },
                changed { letters, place in letters.remove(at: place) },
            ]
            let slip = try PerturbedQuestion.withTypos(String(word))
            let kind = try #require(kinds.firstIndex(where: { $0.contains(slip) }), "\(slip)")
            found[kind] += 1
        }
        #expect(found.allSatisfy { $0 > 0 }, "\(found)")
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

    private static func sample(
        _ example: Int, _ number: Int, _ scores: [String: Double]
    ) -> CriterionEvaluator.Measured {
        CriterionEvaluator.Measured(
            sample: Sample(
                candidate: Digest(of: "c"), example: ExampleID(Int64(example)), repeat: number, output: "x",
                errorCode: nil, scores: scores, promptTokens: 1, cachedTokens: 0, completionTokens: 1,
                latencyMicroseconds: 1, costMicroDollars: 0, fromCache: false),
            group: "\(example)")
    }

    @Test("robustness is the share of examples whose score holds up under every change")
    func robustness() {
        func sample(_ example: Int, _ number: Int, _ score: Double) -> CriterionEvaluator.Measured {
            Self.sample(example, number, ["primary": score, "accuracy": score])
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
        let unknown = RobustnessMetric(perturbations: [.typos], examples: nil)
            .estimate(from: MeasuredAnswers([]), alpha: 0.05)
        #expect(unknown.bounds == Bounds(lower: 0, upper: 1))
    }

    @Test("a changed answer that the ranking pattern took too long over has neither held up nor fallen")
    func givenUp() {
        let mark = Sample.unread("regular-expression:(a+)+$")
        let measured = (0..<20).flatMap { index in
            [
                Self.sample(index, 0, ["primary": 1]),
                // The last ten have a score to rank by: the pattern that was given up there is another metric's.
                Self.sample(index, PerturbedQuestion.firstRepeat, index < 10 ? [mark: 1] : [mark: 1, "primary": 1]),
            ]
        }
        let result = CriterionEvaluator(measured: measured, looks: 1).judge(
            CriterionDefinition(metric: .robustness([.typos], examples: nil), bound: .atLeast(0.8)))
        #expect(result.value == 1 && result.count == 10)
        #expect(result.detail == "10 without an answer: wrong in the lower bound, right in the upper")
    }
}
