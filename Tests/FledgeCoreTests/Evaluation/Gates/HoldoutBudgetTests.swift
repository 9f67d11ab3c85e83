import FledgeCore
import FledgeDocument
import Testing

@Suite("The holdout's error budget") struct HoldoutBudgetTests {
    private static let validation = ValidationDefinition(
        require: [CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8))], holdoutLooks: 2)

    private static func budget(fresh: Int, once: Int = 0, spent: Int = 0, looks: Int = 2) -> HoldoutBudget {
        var validation = validation
        validation.holdoutLooks = looks
        let shares =
            Array(repeating: (0.0, 0), count: fresh) + Array(repeating: (0.5, 1), count: once)
            + Array(repeating: (1.0, 2), count: spent)
        return HoldoutBudget(
            spent: shares.enumerated().map {
                .init(example: ExampleID(Int64($0 + 1)), share: $1.0, looks: $1.1)
            }, validation: validation)
    }

    @Test("each look spends its share, and the examples' last one is the last")
    func shares() {
        #expect(Self.budget(fresh: 100).share == 0.5)
        #expect(Self.budget(fresh: 100).looksBefore == 0)
        #expect(!Self.budget(fresh: 0, once: 100).isExhausted)
        #expect(Self.budget(fresh: 0, once: 100).looksBefore == 1)
        #expect(Self.budget(fresh: 0, spent: 100).isExhausted)
    }

    @Test("more looks allowed later do not bring back what was spent")
    func raisedLater() {
        #expect(Self.budget(fresh: 0, once: 100, looks: 4).usable.count == 100)
        #expect(Self.budget(fresh: 0, spent: 100, looks: 4).isExhausted)
        #expect(Self.budget(fresh: 0, once: 100, looks: 1).isExhausted)
    }

    @Test("spent examples are left out, and too few fresh ones exhaust the holdout with the number that is missing")
    func partly() {
        let enough = Self.budget(fresh: 50, spent: 100)
        #expect(!enough.isExhausted && enough.usable.count == 50)
        let few = Self.budget(fresh: 5, spent: 100)
        // 0.8 to the power of 17 is under 0.025.
        #expect(few.isExhausted && few.least == 17)
        #expect(few.freshNeeded.least == 12 && few.freshNeeded.whole == 100)
        #expect(few.exhaustion.code == "holdout.exhausted")
        #expect(few.exhaustion.message.contains("at least 12 fresh labelled examples"))
    }

    @Test("the least number is the one with which every answer right is enough")
    func least() {
        let budget = Self.budget(fresh: 100)
        #expect(Bounds.clopperPearson(successes: budget.least, trials: budget.least, alpha: 0.025).lower >= 0.8)
        #expect(Bounds.clopperPearson(successes: budget.least - 1, trials: budget.least - 1, alpha: 0.025).lower < 0.8)
    }

    @Test(
        "the best of fifty equal candidates under the bar, chosen on the prototype split, passes no more often than α")
    func luckyWinner() {
        var random = SplitMix64(seed: 91)
        var promoted = 0
        var gap = 0.0
        let (runs, rate) = (200, 0.8)
        for _ in 0..<runs {
            let best = (0..<50).map { _ in (0..<100).count { _ in random.nextUnit() < rate } }.max() ?? 0
            let holdout = (0..<200).map { index in
                CriterionEvaluator.Measured(
                    sample: Sample(
                        candidate: Digest(of: "c"), example: ExampleID(Int64(index)), repeat: 0, output: "x",
                        errorCode: nil, scores: ["accuracy": random.nextUnit() < rate ? 1 : 0], promptTokens: 1,
                        cachedTokens: 0, completionTokens: 1, latencyMicroseconds: 1, costMicroDollars: 0,
                        fromCache: false), group: "\(index)")
            }
            let result = CriterionEvaluator(measured: holdout, looks: 1)
                .judge(CriterionDefinition(metric: .accuracy, bound: .atLeast(rate + 1e-9)))
            gap += Double(best) / 100 - (result.value ?? 0)
            if result.verdict == .passed { promoted += 1 }
        }
        // Where it was chosen it looks ten points better than it is; the gate is not fooled.
        #expect(gap / Double(runs) > 0.05)
        #expect(Double(promoted) <= 0.05 * Double(runs) + 3 * (0.05 * 0.95 * Double(runs)).squareRoot())
    }
}
