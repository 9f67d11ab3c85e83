import FledgeCore
import FledgeDocument
import Foundation
import Testing

@Suite struct DecisionRulesTests {
    private static func criterion(_ metric: MetricDefinition, _ verdict: Verdict) -> CriterionResult {
        CriterionResult(
            criterion: CriterionDefinition(metric: metric, bound: .atLeast(0.8)), verdict: verdict, value: 0.7,
            lower: 0.6,
            upper: 0.78, count: 100, alpha: 0.025)
    }

    /// Prompting is exhausted below the bar, and everything is there for training, unless a change says otherwise.
    private static func evidence(_ change: (inout DecisionEvidence) -> Void = { _ in }) -> DecisionEvidence {
        let criteria = [criterion(.accuracy, .failed), criterion(.latency(percentile: .p95), .passed)]
        var evidence = DecisionEvidence(
            gate: GateResult(
                candidate: Digest(of: "c"), candidateName: "few-shot", verdict: .failed, criteria: criteria, look: 1,
                looksAllowed: 3, prototypeScore: 0.71, holdoutScore: 0.7),
            roundScores: [0.6, 0.7, 0.71], roundsMaximum: 3, plateauRounds: nil, plateauMinimumGain: 0,
            isBudgetSpent: false,
            trainingExamples: 500, minimumTrainingExamples: 100, mayFineTune: true, trainingsDone: 0)
        change(&evidence)
        return evidence
    }

    private static func set(_ evidence: inout DecisionEvidence, _ metric: MetricDefinition, _ verdict: Verdict) {
        evidence.gate.criteria = [criterion(metric, verdict)]
        evidence.gate.verdict = verdict
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let evidence: DecisionEvidence
        let kind: DecisionKind
        let missing: String?
        var testDescription: String { name }

        init(_ name: String, _ kind: DecisionKind, missing: String? = nil, _ change: (inout DecisionEvidence) -> Void) {
            self.name = name
            self.kind = kind
            self.missing = missing
            evidence = DecisionRulesTests.evidence(change)
        }
    }

    static let table: [Row] = [
        Row("every criterion passed", .promote) { set(&$0, .accuracy, .passed) },
        Row("passed at the last look", .promote) {
            set(&$0, .accuracy, .passed); $0.gate.look = 3
        },
        Row("exhausted by rounds", .fineTune) { _ in },
        Row("exhausted by the budget", .fineTune) {
            $0.roundsMaximum = 9; $0.isBudgetSpent = true
        },
        Row("exhausted by a plateau", .fineTune) {
            $0.roundsMaximum = 9; $0.plateauRounds = 1; $0.plateauMinimumGain = 0.02
        },
        Row("open question, exhausted", .fineTune) { set(&$0, .accuracy, .inconclusive) },
        Row("consistency is quality", .fineTune) { set(&$0, .consistency(repeats: 3, examples: nil), .failed) },
        Row("validity is quality", .fineTune) { set(&$0, .validOutput, .failed) },
        Row("exactly enough examples", .fineTune) { $0.trainingExamples = 100 },
        Row("prompts still get better", .keepPrototyping) { $0.roundsMaximum = 4 },
        Row("no plateau yet", .keepPrototyping) {
            $0.roundsMaximum = 9; $0.plateauRounds = 1; $0.plateauMinimumGain = 0.001
        },
        Row("too few training examples", .needsData, missing: "60 more labelled examples") { $0.trainingExamples = 40 },
        Row("fine-tuning is not allowed", .stop, missing: "a FineTune block") { $0.mayFineTune = false },
        Row("latency alone", .stop, missing: "a faster or cheaper model") {
            set(&$0, .latency(percentile: .p95), .failed)
        },
        Row("cost alone, rounds left", .stop, missing: "a faster or cheaper model") {
            set(&$0, .costPerThousandCalls, .failed)
            $0.roundsMaximum = 9
        },
        Row("looks used up, failed", .stop, missing: "fresh labelled examples") { $0.gate.look = 3 },
        Row("looks used up, open", .needsData, missing: "fresh labelled examples") {
            set(&$0, .accuracy, .inconclusive)
            $0.gate.look = 3
        },
        Row("tuned and failed", .stop, missing: "better training examples") { $0.trainingsDone = 1 },
        Row("tuned and open", .needsData, missing: "better training examples") {
            set(&$0, .accuracy, .inconclusive)
            $0.trainingsDone = 1
        },
    ]

    @Test("the evidence leads to its decision, and what is missing is named", arguments: table)
    func decides(_ row: Row) {
        let decision = DecisionRules.decide(row.evidence)
        #expect(decision.kind == row.kind)
        #expect(decision.missing.isEmpty == (row.missing == nil))
        if let missing = row.missing {
            #expect(decision.missing.contains { $0.contains(missing) }, "\(decision.missing)")
        }
        #expect(decision.evidence == row.evidence)
        #expect(decision.rules.allSatisfy { !$0.statement.isEmpty })
    }

    @Test("every kind of decision is reached")
    func everyKind() {
        #expect(Set(Self.table.map { DecisionRules.decide($0.evidence).kind }) == Set(DecisionKind.allCases))
    }

    @Test("the same evidence gives the same decision, also after a way through JSON", arguments: table)
    func same(_ row: Row) throws {
        let decision = DecisionRules.decide(row.evidence)
        let coded = try JSONDecoder().decode(Decision.self, from: try JSONEncoder().encode(decision))
        #expect(coded == decision)
        #expect(DecisionRules.decide(coded.evidence) == decision)
    }

    @Test("the rules always come in the same order, with the numbers that they rest on")
    func rules() {
        let rules = DecisionRules.decide(Self.evidence()).rules
        #expect(
            rules.map(\.name) == [
                "criteria-met", "quality-is-the-problem", "prompting-exhausted", "fine-tuning-allowed",
                "enough-training-examples", "holdout-looks-left",
            ])
        #expect(rules.map(\.holds) == [false, true, true, true, true, true])
        #expect(rules[2].statement.contains("0.600 → 0.700 → 0.710"))
    }

    @Test(
        "numbers are written the same everywhere",
        arguments: [
            (0.7, 3, "0.700"), (-0.05, 1, "-0.1"), (1.005, 0, "1"), (12.3456, 2, "12.35"), (0, 2, "0.00"),
            (.nan, 2, "n/a"),
            (.infinity, 2, "∞"), (-.infinity, 2, "−∞"), (0.001, 2, "0.00"),
        ] as [(Double, Int, String)])
    func formatted(_ value: Double, _ decimals: Int, _ text: String) {
        #expect(value.formatted(decimals: decimals) == text)
    }
}
