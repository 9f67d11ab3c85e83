import FledgeCore
import FledgeDocument
import Testing

@Suite struct FlipPointsTests {
    @Test(
        "at each flip point the answer is the other one, and one step before it is not",
        arguments: DecisionRulesTests.table)
    func flips(_ row: DecisionRulesTests.Row) throws {
        let decision = DecisionRules.decide(row.evidence)
        for flip in try #require(decision.flipPoints) {
            let before = flip.at > flip.now ? flip.at - flip.step : flip.at + flip.step
            #expect(flip.kind != decision.kind)
            #expect(FlipPoints.kind(of: row.evidence, with: flip.input, at: flip.at) == flip.kind, "\(flip.statement)")
            #expect(
                FlipPoints.kind(of: row.evidence, with: flip.input, at: before) == decision.kind, "\(flip.statement)")
        }
    }

    @Test("the rules asked whole again say the same as the flip point")
    func whole() throws {
        let few = DecisionRulesTests.evidence { $0.trainingExamples = 40 }
        let flip = try #require(DecisionRules.decide(few).flipPoints?.first { $0.input == "training-examples" })
        #expect(flip.at == 100)
        #expect(flip.statement == "fine-tune with 60 more training examples (100)")
        var enough = few
        enough.trainingExamples = 100
        #expect(DecisionRules.decide(enough).kind == .fineTune)
        enough.trainingExamples = 99
        #expect(DecisionRules.decide(enough).kind == .needsData)
    }

    @Test("the volume from which tuning pays is N* over the horizon")
    func breakEven() throws {
        let evidence = DecisionRulesTests.evidence {
            DecisionRulesTests.set(&$0, .accuracy, .passed)
            $0.economics = DecisionRulesTests.economics()
        }
        // 500 labels at 10 cents, half an hour at $1.20, 400 calls at 100 micro-dollars; 100 saved a call.
        let fixed = 500 * 100_000.0 + 0.5 * 1_200_000 + 400 * 100
        let economics = try #require(evidence.economics)
        #expect(economics.breakEvenCalls(trainingExamples: 500) == fixed / 100)
        let decision = DecisionRules.decide(evidence)
        #expect(decision.kind == .promote)
        let flip = try #require(decision.flipPoints?.first { $0.input == "forecast-calls" })
        #expect(flip.kind == .fineTune)
        #expect(flip.at == (fixed / 100 / 12).rounded(.up))
        #expect(flip.statement == "fine-tune from 42,200 calls a month")
        let rule = try #require(decision.rules.first { $0.name == "tuning-pays" })
        #expect(rule.statement.contains("506,400 calls"))
        #expect(!rule.holds)
    }

    @Test("a bar that the bounds would clear is a flip point, with the value that they clear")
    func bar() throws {
        // The bounds are 0.6 to 0.78, the bar 0.8.
        let flips = try #require(DecisionRules.decide(DecisionRulesTests.evidence()).flipPoints)
        let flip = try #require(flips.first { $0.input == "bar:accuracy" })
        #expect(flip.kind == .promote)
        #expect(flip.at == 0.6)
        #expect(flip.statement == "promote if the bar on accuracy were 0.600 or less")
    }

    @Test("the end of a range is looked at where it is one step away")
    func oneStepFromTheEnd() {
        let evidence = DecisionRulesTests.evidence {
            $0.trainingExamples = 0; $0.minimumTrainingExamples = 1
        }
        let flip = DecisionRules.decide(evidence).flipPoints?.first { $0.input == "least-training-examples" }
        #expect(flip?.at == 0 && flip?.kind == .fineTune)
    }

    @Test("a tuned call that is not cheaper never pays, and what is unknown gives no break-even")
    func noBreakEven() {
        let dear = DecisionRulesTests.economics { $0.tunedPerCall = 200 }
        #expect(dear.breakEvenCalls(trainingExamples: 10) == .infinity)
        #expect(dear.pays(trainingExamples: 10) == false)
        for path in [\Economics.perLabel, \.perTrainingHour, \.promptedPerCall, \.tunedPerCall, \.callsPerPeriod] {
            #expect(DecisionRulesTests.economics { $0[keyPath: path] = nil }.pays(trainingExamples: 10) == nil)
        }
    }

    @Test(
        "a number that a step changes no more has no flip point, and looking for one ends",
        arguments: [1e308, 1e30, .infinity, .nan, .leastNonzeroMagnitude, -1e308, 0])
    func ends(extreme: Double) {
        let bar = DecisionRulesTests.evidence {
            $0.gate.criteria[1].criterion = CriterionDefinition(metric: .tokensPerCall, bound: .atMost(extreme))
            $0.gate.criteria[1].lower = 10
            $0.gate.criteria[1].upper = 20
        }
        _ = DecisionRules.decide(bar)
        let priced = DecisionRulesTests.evidence {
            DecisionRulesTests.set(&$0, .accuracy, .passed)
            $0.plateauMinimumGain = extreme
            $0.economics = DecisionRulesTests.economics()
            $0.economics?.callsPerPeriod = extreme
            $0.economics?.perLabel = extreme
            $0.economics?.perTrainingHour = extreme
            $0.economics?.promptedPerCall = extreme
        }
        _ = DecisionRules.decide(priced)
    }

    @Test("whole numbers at their ends are decided on", arguments: [Int.max, .min, -1, 0])
    func wholeExtremes(extreme: Int) {
        for change: @Sendable (inout DecisionEvidence) -> Void in [
            { $0.roundsMaximum = extreme }, { $0.plateauRounds = extreme }, { $0.trainingExamples = extreme },
            { $0.minimumTrainingExamples = extreme }, { $0.trainingsDone = extreme },
        ] as [@Sendable (inout DecisionEvidence) -> Void] {
            _ = DecisionRules.decide(DecisionRulesTests.evidence(change))
        }
    }
}
