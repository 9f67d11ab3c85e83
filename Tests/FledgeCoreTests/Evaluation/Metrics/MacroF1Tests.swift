import FledgeDocument
import Foundation
import Testing

@testable import FledgeCore

@Suite("Macro F1")
struct MacroF1Tests {
    /// What scikit-learn gives, and the bounds written a second time, made by `References/make_macro_f1_references.py`.
    struct Reference: Decodable {
        struct Case: Decodable, Sendable, CustomTestStringConvertible {
            var expected: [Int]
            /// -1 for an answer that is no label.
            var named: [Int]
            var value: Double
            /// α, lower and upper.
            var bounds: [[Double]]
            var testDescription: String { "\(expected.count) examples, macro F1 \(value)" }
        }
        var cases: [Case]

        static let all: [Case] = {
            let url = Bundle.module.url(forResource: "macro-f1", withExtension: "json", subdirectory: "Resources")
            let data = url.flatMap { try? Data(contentsOf: $0) } ?? Data()
            return (try? JSONDecoder().decode(Reference.self, from: data))?.cases ?? []
        }()
    }

    private static let labels = (0..<25).map { "label \($0)" }

    /// An answer as it is scored and kept; nil is one that never came.
    private static func answer(
        _ example: Int, expected: String, output: String?, group: String? = nil, labels: [String] = labels,
        choices: [String]? = nil
    ) throws -> CriterionEvaluator.Measured {
        let scores = try output.map {
            try Scorer(labels: labels, metrics: [.macroF1])
                .scores(.macroF1, output: $0, expected: expected, choices: choices)
        }
        return CriterionEvaluator.Measured(
            sample: Sample(
                candidate: Digest(of: "c"), example: ExampleID(Int64(example)), repeat: 0, output: output,
                errorCode: output == nil ? "model.filtered" : nil, scores: scores ?? [:], promptTokens: 1,
                cachedTokens: 0, completionTokens: 1, latencyMicroseconds: 1, costMicroDollars: 0, fromCache: false),
            group: group ?? "g\(example)", expected: expected)
    }

    private static func answers(_ expected: [Int], _ named: [Int?]) throws -> [CriterionEvaluator.Measured] {
        try zip(expected, named).enumerated().map { place, pair in
            try answer(
                place, expected: labels[pair.0],
                output: pair.1.map { $0 < 0 ? "none of them" : labels[$0].uppercased() + "." })
        }
    }

    private static func judge(
        _ measured: [CriterionEvaluator.Measured], atLeast bar: Double = 0.8, alpha: Double = 0.05
    ) -> CriterionResult {
        CriterionEvaluator(measured: measured, looks: 1).judge(
            CriterionDefinition(metric: .macroF1, bound: .atLeast(bar), confidence: 1 - alpha))
    }

    @Test("the value is scikit-learn's, and the bounds of few examples are those of the papers")
    func reference() throws {
        #expect(Reference.all.count == 11)
        for reference in Reference.all {
            let measured = try Self.answers(reference.expected, reference.named)
            let value = try #require(Self.judge(measured).value)
            #expect(abs(value - reference.value) < 1e-12, "\(reference.testDescription)")
            for bounds in reference.bounds {
                let result = Self.judge(measured, alpha: bounds[0])
                #expect(abs((result.lower ?? -1) - bounds[1]) < 1e-6, "\(reference.testDescription)")
                #expect(abs((result.upper ?? -1) - bounds[2]) < 1e-6, "\(reference.testDescription)")
            }
        }
    }

    @Test("a rare label that is never right counts as much as a frequent one that always is")
    func rareLabel() throws {
        let expected = Array(repeating: 0, count: 380) + Array(repeating: 1, count: 20)
        let result = Self.judge(try Self.answers(expected, Array(repeating: 0, count: 400)))
        // F1 of the frequent label: 2·380 / (2·380 + 20); of the other: 0.
        #expect(abs((result.value ?? 0) - 2 * 380 / 780 / 2) < 1e-12)
        #expect(result.verdict == .failed && result.count == 400)
    }

    @Test("it passes, fails and stays open by its bounds, the same each time it is judged")
    func verdicts() throws {
        func judged(wrongEvery turn: Int, of count: Int) throws -> CriterionResult {
            let expected = (0..<count).map { $0 % 4 }
            return Self.judge(
                try Self.answers(
                    expected, expected.enumerated().map { $0.offset % turn == 1 ? ($0.element + 1) % 4 : $0.element }))
        }
        #expect(try judged(wrongEvery: 25, of: 400).verdict == .passed)
        #expect(try judged(wrongEvery: 2, of: 400).verdict == .failed)
        let open = try judged(wrongEvery: 5, of: 60)
        #expect(open.verdict == .inconclusive && (open.countNeeded ?? .max) > 60)
        #expect(try judged(wrongEvery: 5, of: 60) == open)
    }

    @Test("a few right answers show no more than the exact bound of their accuracy", arguments: [1, 3, 13, 29, 30, 80])
    func fewRight(_ count: Int) throws {
        let expected = (0..<count).map { $0 % 3 }
        let result = Self.judge(try Self.answers(expected, expected))
        let exact = Bounds.clopperPearson(successes: count, trials: count, alpha: 0.05).lower
        #expect(result.value == 1 && result.upper == 1)
        #expect((result.lower ?? 1) <= exact + 1e-12)
    }

    @Test("a label of which two answers were wrong may be right in truth")
    func rareAndWrong() throws {
        let expected = (0..<98).map { $0 % 2 } + [2, 2]
        let result = Self.judge(try Self.answers(expected, (0..<98).map { $0 % 2 } + [-1, -1]), atLeast: 0.8)
        #expect(abs((result.value ?? 0) - 2.0 / 3) < 1e-12)
        #expect(result.verdict == .inconclusive && (result.upper ?? 0) > 0.8)
    }

    @Test("missing answers widen the bounds on both sides, and no other completion leaves them")
    func missing() throws {
        let expected = (0..<60).map { $0 % 3 }
        let known = expected.enumerated().map { place, label -> Int? in place % 7 == 0 ? (label + 1) % 3 : label }
        let holes = known.enumerated().map { $0.offset % 15 == 2 ? nil : $0.element }
        let result = Self.judge(try Self.answers(expected, holes))
        #expect(result.count == 56)
        #expect(result.detail == "4 without an answer: wrong in the lower bound, right in the upper")
        let kept = zip(expected, holes).filter { $0.1 != nil }
        let alone = Self.judge(try Self.answers(kept.map(\.0), kept.map(\.1)))
        #expect(result.value == alone.value)
        for filling in [-1, 0, 1, 2] {
            let filled = Self.judge(try Self.answers(expected, holes.map { $0 ?? filling }))
            // The resamples of one completion and of another are not the same ones.
            #expect((result.lower ?? 1) <= (filled.lower ?? 0) + 0.01)
            #expect((result.upper ?? 0) >= (filled.upper ?? 1) - 0.01)
        }
        let right = Self.judge(try Self.answers(expected, zip(expected, holes).map { $1 ?? $0 }))
        #expect(result.upper == right.upper)
    }

    @Test("a missing answer counts as the wrong one that lowers it furthest, beside those that other missing ones are")
    func worst() throws {
        let expected = Array(repeating: 0, count: 10) + [1, 1, 2, 2, 2]
        func lower(_ first: Int?, _ second: Int?) throws -> Double {
            let named = [first, second] + expected.dropFirst(2).map(Optional.init)
            return try #require(Self.judge(try Self.answers(expected, named)).lower)
        }
        let missing = try lower(nil, nil)
        // A wrong answer takes 1/5 from the F1 of label 1 and 1/7 from that of label 2; a second one would take 2/15 from
        // that of label 1.
        #expect(try lower(1, 2) == missing)
        for (first, second) in [(-1, -1), (-1, 1), (-1, 2), (1, 1), (2, 2)] {
            #expect(try lower(first, second) > missing, "\(first) and \(second)")
        }
    }

    @Test("without an answer, or without what is expected, nothing is judged")
    func nothing() throws {
        let silent = Self.judge(try Self.answers([0, 1], [nil, nil]))
        #expect(silent.verdict == .error && silent.value == nil && silent.detail == "no answer came")
        var unknown = try Self.answers([0, 1], [0, 1])
        unknown[1].expected = nil
        #expect(Self.judge(unknown).verdict == .error)
        #expect(MacroF1Bounds([]).bounds(alpha: 0.05) == Bounds(lower: 0, upper: 1))
    }

    @Test("examples of one group count as one")
    func groups() throws {
        let expected = (0..<120).map { $0 % 3 }
        let named = expected.enumerated().map { $0.offset / 6 % 5 == 0 ? ($0.element + 1) % 3 : $0.element }
        let single = Self.judge(try Self.answers(expected, named))
        var grouped = try Self.answers(expected, named)
        for place in grouped.indices { grouped[place].group = "g\(place / 6)" }
        let result = Self.judge(grouped)
        #expect(result.value == single.value)
        #expect((result.lower ?? 1) < (single.lower ?? 0) && (result.upper ?? 0) > (single.upper ?? 1))
        for place in grouped.indices { grouped[place].group = "one" }
        #expect(Self.judge(grouped).verdict == .inconclusive)
    }

    @Test("an answer names the label that accuracy would take it for, and no choice but itself")
    func naming() throws {
        let labels = ["it", "IT", "sign in", "C++", "caf\u{E9}"]
        func value(_ expected: String, _ output: String, choices: [String]? = nil) throws -> [Double?] {
            let scorer = Scorer(labels: labels, metrics: [.macroF1])
            let scores = try scorer.scores(.macroF1, output: output, expected: expected, choices: choices)
            return [scores["macro-f1"], scores["macro-f1:named"]]
        }
        let it = try value("it", "it")
        #expect(it[0] == 1)
        // A wrong answer is told by the same number as a right one that names it.
        #expect(try value("IT", "it") == [0, it[1]])
        #expect(try value("IT", "\"it.\"") == [0, it[1]])
        let signIn = try value("sign in", "sign in")
        #expect(try value("it", "Sign-in") == [0, signIn[1]])
        for output in ["C", ""] { #expect(try value("it", output) == [0, -1]) }
        let cafe = try value("caf\u{E9}", "caf\u{E9}")
        #expect(try value("it", "cafe\u{301}") == [0, cafe[1]])
        #expect(try value("sign in", "sign-in", choices: ["sign in", "sign-in"]) == [0, -1])
    }
}
