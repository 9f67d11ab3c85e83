import FledgeCore
import FledgeDocument
import Testing

@Suite struct RoundJudgeTests {
    private static let best = Digest(of: "best")
    private static let criterion = CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8))

    private static func judge(
        _ scores: [Double], advance: [AdvanceAlternative] = [], rounds: Int? = nil, budget: BudgetDefinition? = nil,
        calls: Int = 10, hasVariations: Bool = true, verdict: Verdict = .failed
    ) -> RoundOutcome {
        RoundJudge.judge(
            best: best, bestOfRounds: scores,
            prototype: SearchSamples.prototype(
                rounds: rounds.map { RoundsDefinition(maximum: $0) }, budget: budget, advance: advance),
            spent: StageBudget.Spent(calls: calls, tokens: 0, costMicroDollars: 0), hasVariations: hasVariations
        ) { criterion in
            CriterionResult(
                criterion: criterion, verdict: verdict, value: 0.5, lower: nil, upper: nil, count: 1, alpha: 0.05)
        }
    }

    struct Plateau: Sendable {
        let scores: [Double]
        let rounds: Int
        let gain: Double
        let isThere: Bool
    }

    @Test(
        "a plateau is a best score that has not risen by more than the gain",
        arguments: [
            Plateau(scores: [], rounds: 1, gain: 0.1, isThere: false),
            Plateau(scores: [0.5], rounds: 1, gain: 0.1, isThere: false),
            Plateau(scores: [0.5, 0.5], rounds: 1, gain: 0, isThere: true),
            Plateau(scores: [0.5, 0.75], rounds: 1, gain: 0.25, isThere: true),
            Plateau(scores: [0.5, 0.76], rounds: 1, gain: 0.25, isThere: false),
            Plateau(scores: [0.9, 0.2], rounds: 1, gain: 0, isThere: true),
            Plateau(scores: [0.5, 0.5], rounds: 2, gain: 0, isThere: false),
            Plateau(scores: [0.5, 0.4, 0.5], rounds: 2, gain: 0, isThere: true),
            Plateau(scores: [0.5, 0.9, 0.5], rounds: 2, gain: 0.1, isThere: false),
            Plateau(scores: [0.5, 0.5], rounds: 0, gain: 1, isThere: false),
        ])
    func plateau(_ test: Plateau) {
        #expect(
            RoundJudge.hasPlateaued(bestOfRounds: test.scores, rounds: test.rounds, minimumGain: test.gain)
                == test.isThere)
    }

    @Test("met criteria end the stage before anything else is asked")
    func criteriaMet() {
        let advance = [AdvanceAlternative(conditions: [.criterion(Self.criterion)])]
        #expect(
            Self.judge([0.9], advance: advance, budget: BudgetDefinition(calls: 1), verdict: .passed)
                == .advance(Self.best, .criteriaMet))
        for verdict in [Verdict.failed, .inconclusive, .error] {
            #expect(Self.judge([0.9], advance: advance, verdict: verdict) == .anotherRound)
        }
    }

    @Test("all conditions of one alternative have to hold, and any one alternative will do")
    func alternatives() {
        let both = AdvanceAlternative(conditions: [.criterion(Self.criterion), .plateau(rounds: 1, minimumGain: 0)])
        let plateau = AdvanceAlternative(conditions: [.plateau(rounds: 1, minimumGain: 0)])
        #expect(Self.judge([0.5, 0.5], advance: [both]) == .anotherRound)
        #expect(Self.judge([0.5, 0.5], advance: [both, plateau]) == .advance(Self.best, .plateau))
        #expect(Self.judge([0.5, 0.5], advance: [AdvanceAlternative(conditions: [])]) == .anotherRound)
    }

    @Test("the stage ends when its budget, its rounds or its ideas are used up")
    func usedUp() {
        #expect(Self.judge([0.5], budget: BudgetDefinition(calls: 10)) == .advance(Self.best, .budgetSpent))
        #expect(Self.judge([0.5], budget: BudgetDefinition(calls: 11)) == .anotherRound)
        #expect(Self.judge([0.5, 0.6], rounds: 2) == .advance(Self.best, .roundsSpent))
        #expect(Self.judge([0.5, 0.6]) == .anotherRound)
        #expect(Self.judge([0.5, 0.6, 0.7]) == .advance(Self.best, .roundsSpent))
        #expect(Self.judge([0.5], hasVariations: false) == .advance(Self.best, .nothingNewToTry))
    }
}

@Suite struct BudgetTests {
    @Test("without limits, nothing is ever spent")
    func unlimited() {
        let spent = StageBudget.Spent(calls: .max, tokens: .max, costMicroDollars: .max)
        for limits in [nil, BudgetDefinition()] {
            #expect(limits != nil || !StageBudget(limits).isSpent(by: spent))
            #expect(
                StageBudget(limits).remainingCalls(after: StageBudget.Spent(calls: 5, tokens: 9, costMicroDollars: 1))
                    == .max)
        }
    }

    @Test(
        "the tightest limit counts, at the average of the calls so far",
        arguments: [
            (BudgetDefinition(calls: 100), 90), (BudgetDefinition(calls: 5), 0), (BudgetDefinition(tokens: 2000), 10),
            (BudgetDefinition(costMicroDollars: 700), 40),
            (BudgetDefinition(calls: 100, tokens: 2000, costMicroDollars: 700), 10),
            (BudgetDefinition(tokens: 1), 0),
        ])
    func tightest(_ limits: BudgetDefinition, _ remaining: Int) {
        let spent = StageBudget.Spent(calls: 10, tokens: 1000, costMicroDollars: 140)
        #expect(StageBudget(limits).remainingCalls(after: spent) == remaining)
        #expect(StageBudget(limits).isSpent(by: spent) == (remaining == 0))
    }

    @Test("before the first call, only a limit on calls is known")
    func beforeTheFirstCall() {
        let none = StageBudget.Spent(calls: 0, tokens: 0, costMicroDollars: 0)
        #expect(StageBudget(BudgetDefinition(calls: 3, tokens: 1)).remainingCalls(after: none) == 3)
        #expect(StageBudget(BudgetDefinition(tokens: 1)).remainingCalls(after: none) == .max)
    }
}
