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
    static func evidence(_ change: (inout DecisionEvidence) -> Void = { _ in }) -> DecisionEvidence {
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

    @Test(
        "what became of rows that were too long to be learnt is told",
        arguments: [
            (0, false, "all 600 training rows have at most 512 tokens"),
            (12, false, "12 of 600 training rows (2.0%) have more than 512 tokens: they were left out"),
            (
                12, true,
                "12 of 600 training rows (2.0%) have more than 512 tokens: they were learnt without their beginning"
            ),
        ])
    func longRows(long: Int, areTruncated: Bool, statement: String) {
        let decision = DecisionRules.decide(
            Self.evidence {
                $0.trainingsDone = 1
                $0.longRows = .init(
                    count: LongRowCount(long: long, rows: 600), limit: 512, areTruncated: areTruncated)
            })
        let rule = decision.rules.first { $0.name == "rows-fit" }
        #expect(rule?.statement == statement && rule?.holds == (long == 0))
    }

    static func set(_ evidence: inout DecisionEvidence, _ metric: MetricDefinition, _ verdict: Verdict) {
        evidence.gate.criteria = [criterion(metric, verdict)]
        evidence.gate.verdict = verdict
    }

    /// A thousand calls cost more than 10 cents, which is all that is unmet.
    static func dear(_ evidence: inout DecisionEvidence) {
        set(&evidence, .costPerThousandCalls, .failed)
        evidence.gate.criteria[0].criterion.bound = .atMost(0.1)
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
        Row("latency alone, and another model is tuned", .fineTune) {
            set(&$0, .latency(percentile: .p95), .failed)
            $0.otherTunedModel = "small"
        },
        Row("cost alone, and another model is tuned whose price is not known", .fineTune) {
            dear(&$0)
            $0.otherTunedModel = "small"
        },
        Row("cost alone, and a call of the tuned model is expected to meet the bar", .fineTune) {
            dear(&$0)
            $0.roundsMaximum = 9
            $0.economics = economics()
        },
        Row(
            "cost alone, and a call of the tuned model is too dear as well", .stop, missing: "a faster or cheaper model"
        ) {
            dear(&$0)
            $0.otherTunedModel = "small"
            $0.economics = economics { $0.tunedPerCall = 101 }
        },
        Row("cost alone, and what it is was not measured", .stop, missing: "a faster or cheaper model") {
            dear(&$0)
            set(&$0, .costPerThousandCalls, .error)
            $0.otherTunedModel = "small"
        },
        Row("cost alone, another model is tuned, and few examples are there", .needsData, missing: "60 more") {
            dear(&$0)
            $0.otherTunedModel = "small"; $0.trainingExamples = 40
        },
        Row("cost alone, another model is tuned, and no look is left", .stop, missing: "fresh labelled examples") {
            dear(&$0)
            $0.otherTunedModel = "small"; $0.gate.look = 3
        },
        Row("cost alone, and the other model was tuned before", .stop, missing: "a faster or cheaper model") {
            dear(&$0)
            $0.trainingsDone = 1
        },
        Row("cost and quality, and another model is tuned", .keepPrototyping) {
            dear(&$0)
            $0.gate.criteria.append(criterion(.accuracy, .failed))
            $0.otherTunedModel = "small"; $0.roundsMaximum = 9
        },
        Row("looks used up, failed", .stop, missing: "fresh labelled examples") { $0.gate.look = 3 },
        Row("looks used up, open", .needsData, missing: "fresh labelled examples") {
            set(&$0, .accuracy, .inconclusive)
            $0.gate.look = 3
        },
        Row("no plateau: even the bound reaches the bar", .keepPrototyping) {
            $0.roundsMaximum = 9
            $0.gain = PairedGain(before: "a", latest: "b", examples: 50, mean: 0.01, lower: -0.1, upper: 0.12)
        },
        Row("plateau: the bound does not reach the bar", .fineTune) {
            $0.roundsMaximum = 9
            $0.gain = PairedGain(before: "a", latest: "b", examples: 50, mean: 0.01, lower: -0.1, upper: 0.08)
        },
        Row("the last look is for the tuned model", .fineTune) {
            $0.roundsMaximum = 9; $0.gate.look = 2
        },
        Row("the last look is for a prompt when nothing may be tuned", .keepPrototyping) {
            $0.roundsMaximum = 9; $0.gate.look = 2; $0.mayFineTune = false
        },
        Row("nothing new to try", .fineTune) {
            $0.roundsMaximum = 9; $0.hasNothingNewToTry = true
        },
        Row("pilots reach the bar", .fineTune) { $0.learningCurve = curve },
        Row("pilots ask for more", .needsData, missing: "more labelled examples") {
            $0.learningCurve = curve; $0.trainingExamples = 150
        },
        Row("pilots end below the bar", .stop, missing: "base model") {
            $0.learningCurve = [50, 100, 200, 400].map {
                LearningCurvePoint(examples: $0, score: 0.6, count: 2_000)
            }
        },
        Row("a passed prompt where tuning would pay", .fineTune) {
            set(&$0, .accuracy, .passed)
            $0.economics = economics { $0.callsPerPeriod = 60_000 }
        },
        Row("a passed prompt where tuning would not pay", .promote) {
            set(&$0, .accuracy, .passed)
            $0.economics = economics()
        },
        Row("a passed prompt, and a price is not known", .promote) {
            set(&$0, .accuracy, .passed)
            $0.economics = economics {
                $0.callsPerPeriod = 1e9; $0.perLabel = nil
            }
        },
        Row("tuned to save, and it passes", .promote) {
            set(&$0, .accuracy, .passed)
            $0.trainingsDone = 1
            $0.earlierPass = .init(candidate: Digest(of: "e"), name: "few-shot", look: 1, costPerCall: 200)
            $0.economics = economics()
        },
        Row("tuned to save, and it fails", .promote) {
            $0.trainingsDone = 1
            $0.earlierPass = .init(candidate: Digest(of: "e"), name: "few-shot", look: 1, costPerCall: 200)
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

    @Test("which model would be tuned for its price, and what it is expected to cost, are told")
    func dearer() throws {
        let decision = DecisionRules.decide(
            Self.evidence {
                Self.dear(&$0)
                $0.otherTunedModel = "small"
                $0.economics = Self.economics { $0.tunedPerCall = 80 }
            })
        #expect(decision.summary.contains("small, tuned, may meet both"))
        let rule = try #require(decision.rules.first { $0.name == "tuned-meets-cost" })
        #expect(
            rule.holds && rule.statement == "small would be tuned; 1,000 calls of it are expected to cost $0.080000")
        // Up to which bar that holds.
        let flip = decision.flipPoints?.first { $0.input == "bar:cost-per-thousand-calls" && $0.kind == .stop }
        #expect(flip?.at == 0.079)
    }

    @Test("every kind of decision is reached")
    func everyKind() {
        #expect(Set(Self.table.map { DecisionRules.decide($0.evidence).kind }) == Set(DecisionKind.allCases))
    }

    @Test("a passed prompt is promoted again where the tuned model fails, or costs no less", arguments: [true, false])
    func earlier(isMet: Bool) {
        let decision = DecisionRules.decide(
            Self.evidence {
                Self.set(&$0, .accuracy, isMet ? .passed : .failed)
                $0.trainingsDone = 1
                $0.earlierPass = .init(candidate: Digest(of: "e"), name: "few-shot", look: 1, costPerCall: 90)
                $0.economics = Self.economics()
            })
        #expect(decision.kind == .promote)
        #expect(decision.promoted == Digest(of: "e"))
        #expect(decision.summary.contains("few-shot, which passed at look 1, is promoted"))
    }

    @Test("a saving so small that no number of calls would do is put into words all the same")
    func hardlySaves() throws {
        let decision = DecisionRules.decide(
            Self.evidence { $0.economics = Self.economics { $0.tunedPerCall = 200.nextDown } })
        let rule = try #require(decision.rules.first { $0.name == "tuning-pays" })
        #expect(rule.statement.contains("1,000,000,000,000,000 calls"), "\(rule.statement)")
    }

    @Test("the same evidence gives the same decision, also after a way through JSON", arguments: table)
    func same(_ row: Row) throws {
        let decision = DecisionRules.decide(row.evidence)
        let coded = try JSONDecoder().decode(Decision.self, from: try JSONEncoder().encode(decision))
        #expect(coded == decision)
        #expect(DecisionRules.decide(coded.evidence) == decision)
    }

    @Test("the rules always come in the same order, with the numbers that they rest on; what is unknown has none")
    func rules() {
        let bare = DecisionRules.decide(Self.evidence())
        #expect(
            bare.rules.map(\.name) == [
                "criteria-met", "quality-is-the-problem", "prompting-exhausted", "fine-tuning-allowed",
                "enough-training-examples", "latency", "holdout-looks-left",
            ])
        #expect(bare.rules.map(\.holds) == [false, true, true, true, true, true, true])
        #expect(bare.rules[2].statement.contains("0.600 → 0.700 → 0.710"))
        #expect(
            bare.missingInputs?.map(\.name) == [
                "plateau", "consistency", "learning-curve", "forecast", "cost-per-label", "cost-per-training-hour",
                "cost-per-call",
            ])
        let full = DecisionRules.decide(Self.evidence(Self.complete))
        #expect(
            full.rules.map(\.name) == [
                "criteria-met", "quality-is-the-problem", "plateau", "prompting-exhausted", "headroom",
                "fine-tuning-allowed", "enough-training-examples", "learning-curve", "behaviour-gap", "consistency",
                "latency", "tuning-pays", "adapter-prompts", "holdout-looks-left",
            ])
        #expect(full.missingInputs == [])
    }

    /// Every input is known.
    static func complete(_ evidence: inout DecisionEvidence) {
        evidence.gate.criteria.append(criterion(.consistency(repeats: 3, examples: nil), .passed))
        evidence.gain = PairedGain(
            before: "few-shot", latest: "few-shot/2a", examples: 50, mean: 0.01, lower: -0.05, upper: 0.07)
        evidence.headroom = PromptHeadroom(
            baseline: "plain", baselineScore: 0.4, best: "few-shot", bestScore: 0.71, examples: 50, bestUpper: 0.81)
        evidence.gap = GapEvidence(
            validRate: 1, malformedShareOfErrors: 0, confusionEntropy: 0.9,
            demonstrationGain: PairedGain(
                before: "plain", latest: "few-shot", examples: 50, mean: 0.01, lower: -0.1, upper: 0.12))
        evidence.learningCurve = curve
        evidence.economics = economics()
        evidence.adapterPrompts = [.init(name: "few-shot", demonstrations: 0, score: 0.9, examples: 50)]
    }

    static let curve = [(50, 0.55), (100, 0.66), (200, 0.74), (400, 0.79)].map {
        LearningCurvePoint(examples: $0.0, score: $0.1, count: 400)
    }

    static func economics(_ change: (inout Economics) -> Void = { _ in }) -> Economics {
        var economics = Economics(
            callsPerPeriod: 40_000, period: .month, horizonPeriods: 12, perLabel: 100_000, perTrainingHour: 1_200_000,
            trainingHours: 0.5, isTrainingMeasured: false, evaluationCalls: 400, promptedPerCall: 200,
            tunedPerCall: 100, isTunedMeasured: false)
        change(&economics)
        return economics
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
