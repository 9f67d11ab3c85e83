import FledgeCore
import FledgeDocument
import Foundation
import Testing

@Suite("Criteria that a model judges")
struct EvaluatedCriterionTests {
    static let judge = JudgeDefinition(name: "helpful", model: "judge", rubric: "Helps.")
    static let criterion = CriterionDefinition(metric: .judged(judge), bound: .atLeast(0.7))

    static func measured(_ passes: Int, of count: Int, halves: Int = 0) -> [CriterionEvaluator.Measured] {
        (0..<count).map { index in
            CriterionEvaluator.Measured(
                sample: Sample(
                    candidate: Digest(of: "c"), example: ExampleID(Int64(index)), repeat: 0, output: "a",
                    errorCode: nil,
                    scores: ["judged:helpful": index < passes ? 1 : index < passes + halves ? 0.5 : 0], promptTokens: 1,
                    cachedTokens: 0, completionTokens: 1, latencyMicroseconds: 1, costMicroDollars: 0, fromCache: false),
                group: "g\(index)")
        }
    }

    static func result(
        _ passes: Int, of count: Int, halves: Int = 0, labels: ConfusionMatrix?, needed: Int? = nil
    ) -> CriterionResult {
        var judge = judge
        judge.labels = needed
        let calibrations = labels.map {
            ["judged:helpful": JudgeCalibration(useCase: "triage", judge: judge, matrix: $0)]
        }
        return CriterionEvaluator(
            measured: measured(passes, of: count, halves: halves), looks: 1, judges: .calibrated(calibrations ?? [:])
        ).judge(criterion)
    }

    @Test("without labels a perfect share is inconclusive, and says how many labels are missing and the command")
    func uncalibrated() throws {
        let result = Self.result(300, of: 300, labels: ConfusionMatrix())
        #expect(result.verdict == .inconclusive && result.value == 1 && result.judged?.isCorrected == false)
        #expect(try #require(result.detail).contains("50 more of 50 labels"))
        #expect(try #require(result.detail).contains("fledge label triage --metric helpful"))
        #expect(GateEvaluator.verdict(of: [result]) == .inconclusive)
        // Nor when nobody thought of calibrating at all.
        #expect(
            CriterionEvaluator(measured: Self.measured(300, of: 300), looks: 1).judge(Self.criterion).verdict
                == .inconclusive)
    }

    struct Insufficient: Sendable {
        var matrix: ConfusionMatrix
        var words: String

        init(_ counts: [Int], _ words: String) {
            matrix = ConfusionMatrix(
                truePasses: counts[0], falseFails: counts[1], falsePasses: counts[2], trueFails: counts[3])
            self.words = words
        }
    }

    static let insufficient: [Insufficient] = [
        Insufficient([30, 0, 0, 19], "1 more of 50"),
        Insufficient([55, 0, 0, 4], "6 more answers that people fail"),
        Insufficient([3, 0, 0, 60], "7 more answers that people pass"),
        // A judge that passes everything.
        Insufficient([200, 0, 200, 0], "do not show"),
        Insufficient([18, 7, 12, 13], "do not show"),
        // One that says the opposite.
        Insufficient([0, 100, 100, 0], "do not show"),
    ]

    @Test("a judge whose agreement is not shown never lets a gate pass or fail", arguments: insufficient)
    func unproven(labels: Insufficient) throws {
        for passes in [0, 150, 300] {
            let result = Self.result(passes, of: 300, labels: labels.matrix)
            #expect(result.verdict == .inconclusive)
            #expect(try #require(result.detail).contains(labels.words))
        }
    }

    @Test("a calibrated judge decides by the corrected share, with the raw one beside it")
    func calibrated() throws {
        let labels = ConfusionMatrix(truePasses: 95, falseFails: 5, falsePasses: 10, trueFails: 90)
        let good = Self.result(270, of: 300, labels: labels)
        #expect(good.verdict == .passed && good.judged?.isCorrected == true && good.judged?.raw == 0.9)
        let value = try #require(good.value)
        let expected: Double = (0.9 + 0.9 - 1) / (0.95 + 0.9 - 1)
        #expect(abs(value - expected) < 1e-12)
        #expect(try #require(good.lower) >= 0.7)
        #expect(Self.result(150, of: 300, labels: labels).verdict == .failed)
        #expect(Self.result(215, of: 300, labels: labels).verdict == .inconclusive)
    }

    @Test("a lenient judge's high share is corrected below the bar")
    func lenient() {
        // It passes 60% of the bad answers: 85% passed means that far fewer are good.
        let labels = ConfusionMatrix(truePasses: 99, falseFails: 1, falsePasses: 60, trueFails: 40)
        let result = Self.result(240, of: 300, labels: labels)
        #expect(result.verdict == .failed)
        // Uncorrected, the same share would have passed.
        let advice = CriterionEvaluator(measured: Self.measured(240, of: 300), looks: 1, judges: .advice)
        #expect(advice.judge(Self.criterion).verdict == .passed)
    }

    @Test("half passes show nothing")
    func halves() {
        let advice = CriterionEvaluator(measured: Self.measured(0, of: 100, halves: 100), looks: 1, judges: .advice)
        #expect(advice.judge(Self.criterion).verdict == .failed)
    }

    @Test("answers that were not judged are an error, not a pass")
    func unjudged() {
        var measured = Self.measured(100, of: 100)
        measured[3].sample.scores = [:]
        #expect(
            CriterionEvaluator(measured: measured, looks: 1, judges: .advice).judge(Self.criterion).verdict == .error)
    }

    @Test("code's own metrics rank candidates before a judge does, and a judge where there are none")
    func primary() {
        let accuracy = CriterionDefinition(metric: .accuracy, bound: .atLeast(0.7))
        var definition = UseCaseDefinition(
            name: "x", validation: ValidationDefinition(require: [Self.criterion, accuracy]))
        #expect(definition.primaryMetric == .accuracy && definition.scoredMetrics == [.accuracy, .validOutput])
        definition.validation?.require = [Self.criterion]
        #expect(definition.primaryMetric == .judged(Self.judge) && definition.scoredMetrics == [.validOutput])
        #expect(definition.judges == [Self.judge])
    }

    @Test("a majority of people makes a label; a tie and skips make none")
    func majority() {
        func label(_ answer: String, _ verdict: PersonAnswer, _ who: String) -> PersonLabel {
            PersonLabel(
                item: JudgedItem(inputs: [:], answer: answer, expected: "e"), verdict: verdict, labelledBy: who,
                at: Date(timeIntervalSince1970: 0))
        }
        let labels = [
            label("a", .pass, "1"), label("a", .pass, "2"), label("a", .fail, "3"), label("b", .pass, "1"),
            label("b", .fail, "2"), label("c", .skip, "1"), label("d", .fail, "1"), label("d", .skip, "2"),
        ].byMajority
        #expect(
            Dictionary(uniqueKeysWithValues: labels.map { ($0.item.answer, $0.isPassed) }) == ["a": true, "d": false])
    }

    @Test("the names that one person enters have that person's one vote, whatever they are and however they come")
    func entered() throws {
        let grant = AccessGrant(scopes: [.operate])
        func label(
            _ answer: String, _ verdict: PersonAnswer, as claimed: String, by name: String
        ) throws -> PersonLabel {
            PersonLabel(
                item: JudgedItem(inputs: [:], answer: answer, expected: "e"), verdict: verdict,
                labelledBy: try Caller(name: name, grant: grant).labeller(claimed: claimed),
                at: Date(timeIntervalSince1970: 0))
        }
        let many = try (1...99).map { try label("a", .fail, as: "p\($0)", by: "token:eve") }
        let others = [
            try label("a", .fail, as: "", by: "user:eve"), try label("a", .fail, as: "q\u{600}", by: "token:eve"),
            try label("a", .pass, as: "", by: "user:ada"), try label("a", .pass, as: "grace", by: "user:bob"),
            // Of several that one person brings along, most decide; as many on both sides are no vote.
            try label("b", .pass, as: "p1", by: "user:ada"), try label("b", .pass, as: "p2", by: "user:ada"),
            try label("b", .fail, as: "p3", by: "user:ada"),
            try label("c", .pass, as: "p1", by: "user:ada"), try label("c", .fail, as: "p2", by: "user:ada"),
        ]
        let labels = (many + others).byMajority
        #expect(
            Dictionary(uniqueKeysWithValues: labels.map { ($0.item.answer, $0.isPassed) }) == ["a": true, "b": true])
    }

    @Test("a name that says who entered it is refused: the daemon says it", arguments: ["token:eve", "user:ada"])
    func claimsEntry(by other: String) throws {
        let caller = Caller(name: "token:eve", grant: AccessGrant(scopes: [.operate]))
        #expect(try caller.labeller(claimed: "grace") == "grace (entered by token:eve)")
        #expect(try caller.labeller(claimed: "") == "token:eve")
        let error = #expect(throws: FledgeError.self) { try caller.labeller(claimed: "p1 (entered by \(other))") }
        #expect(error?.code == "request.bad_text" && error?.place == "actor")
    }
}
