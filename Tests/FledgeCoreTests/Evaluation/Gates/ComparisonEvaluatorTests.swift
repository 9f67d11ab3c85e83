import FledgeCore
import FledgeDocument
import Testing

@Suite("Comparison with the champion") struct ComparisonEvaluatorTests {
    /// Pairs of right and wrong answers: so many that both, the challenger alone, the champion alone, and neither has.
    static func pairs(
        both: Int, wins: Int, losses: Int, neither: Int, cost: (Int64, Int64) = (1000, 1000), perGroup: Int = 1
    ) -> [ComparisonEvaluator.Pair] {
        let outcomes =
            Array(repeating: (1.0, 1.0), count: both) + Array(repeating: (1.0, 0.0), count: wins)
            + Array(repeating: (0.0, 1.0), count: losses) + Array(repeating: (0.0, 0.0), count: neither)
        var random = SplitMix64(seed: 9)
        let ordered = outcomes.map { ($0, random.next()) }.sorted { $0.1 < $1.1 }.map(\.0)
        return ordered.enumerated().map { index, scores in
            ComparisonEvaluator.Pair(
                challenger: sample(index, score: scores.0, cost: cost.0),
                champion: sample(index, score: scores.1, cost: cost.1), group: "g\(index / perGroup)")
        }
    }

    private static func sample(_ example: Int, score: Double, cost: Int64) -> Sample {
        Sample(
            candidate: Digest(of: "c"), example: ExampleID(Int64(example)), repeat: 0, output: "x", errorCode: nil,
            scores: ["accuracy": score, "token-f1": score * 0.9, "primary": score], promptTokens: Int(cost) / 10,
            cachedTokens: 0, completionTokens: 0, latencyMicroseconds: 1, costMicroDollars: cost, fromCache: false)
    }

    private static func judge(
        _ comparisons: ComparisonDefinition..., pairs: [ComparisonEvaluator.Pair], share: Double = 1
    )
        -> [ComparisonResult]
    {
        (try? ComparisonEvaluator(pairs: pairs, share: share, primary: .accuracy).judge(comparisons)) ?? []
    }

    @Test("better is claimed by the exact McNemar test, refused where the champion is, and open between")
    func better() throws {
        let better = ComparisonDefinition(kind: .better, margin: 0)
        let won = try #require(
            Self.judge(better, pairs: Self.pairs(both: 200, wins: 40, losses: 15, neither: 45)).first)
        #expect(won.verdict == .passed && won.method == "exact McNemar")
        #expect(won.wins == 40 && won.losses == 15 && won.pValue == McNemar(wins: 40, losses: 15).pBetter)
        let lost = try #require(
            Self.judge(better, pairs: Self.pairs(both: 200, wins: 10, losses: 60, neither: 30)).first)
        #expect(lost.verdict == .failed)
        let open = try #require(
            Self.judge(better, pairs: Self.pairs(both: 200, wins: 22, losses: 15, neither: 63)).first)
        #expect(open.verdict == .inconclusive)
        #expect(open.countNeeded ?? 0 > 300)
    }

    @Test("no worse by a margin is claimed with enough equal answers, and not with few or with a worse candidate")
    func noWorse() {
        let noWorse = ComparisonDefinition(kind: .noWorse, margin: 0.05)
        #expect(
            Self.judge(noWorse, pairs: Self.pairs(both: 800, wins: 20, losses: 20, neither: 160))[0].verdict == .passed)
        #expect(
            Self.judge(noWorse, pairs: Self.pairs(both: 40, wins: 3, losses: 3, neither: 4))[0].verdict == .inconclusive
        )
        #expect(
            Self.judge(noWorse, pairs: Self.pairs(both: 700, wins: 10, losses: 190, neither: 100))[0].verdict == .failed
        )
    }

    @Test("scores that are neither right nor wrong are compared by betting on their differences")
    func graded() throws {
        let pairs = Self.pairs(both: 100, wins: 60, losses: 15, neither: 25)
        let result = try #require(
            Self.judge(ComparisonDefinition(kind: .better, metric: .tokenF1, margin: 0), pairs: pairs).first)
        #expect(result.verdict == .passed && result.method == "betting on paired differences" && result.wins == nil)
        #expect(result.lower ?? 0 > 0)
        // A score is 0 to 1, and a difference of two −1 to 1.
        let differences = pairs.map {
            ($0.challenger.scores["token-f1"] ?? 0) - ($0.champion.scores["token-f1"] ?? 0)
        }
        let bounds = Bounds.betting(differences, range: -1...1, alpha: result.alpha)
        #expect(result.lower == bounds.lower && result.upper == bounds.upper)
    }

    @Test("a cheaper candidate wins by its cost when it is no worse, and tokens stand for a price that is not known")
    func cheaper() throws {
        let asked = [
            ComparisonDefinition(kind: .noWorse, margin: 0.05), ComparisonDefinition(kind: .cheaper, margin: 0.10),
        ]
        let cheap = try ComparisonEvaluator(
            pairs: Self.pairs(both: 800, wins: 20, losses: 20, neither: 160, cost: (700, 1000)), share: 1,
            primary: .accuracy
        ).judge(asked)
        #expect(cheap.map(\.verdict) == [.passed, .passed])
        #expect(abs((cheap[1].value ?? 0) - 0.3) < 1e-9)
        let dear = try ComparisonEvaluator(
            pairs: Self.pairs(both: 800, wins: 20, losses: 20, neither: 160, cost: (990, 1000)), share: 1,
            primary: .accuracy
        ).judge(asked)
        #expect(dear.map(\.verdict) == [.passed, .failed])
    }

    @Test("several comparisons share the error rate by Holm's procedure")
    func holm() throws {
        // p = 0.0411 alone passes at 0.05, and not beside another that does not pass.
        let pairs = Self.pairs(both: 200, wins: 26, losses: 14, neither: 60)
        let alone = try ComparisonEvaluator(pairs: pairs, share: 1, primary: .accuracy)
            .judge([ComparisonDefinition(kind: .better, margin: 0)])
        #expect(alone[0].verdict == .passed)
        let both = try ComparisonEvaluator(pairs: pairs, share: 1, primary: .accuracy).judge([
            ComparisonDefinition(kind: .better, margin: 0), ComparisonDefinition(kind: .cheaper, margin: 0.1),
        ])
        #expect(both[0].verdict == .inconclusive)
        #expect(abs((both[0].adjustedPValue ?? 0) - 2 * (both[0].pValue ?? 0)) < 1e-12)
    }

    @Test("a share of the error rate asks for more, and groups count as one")
    func sharesAndGroups() {
        let better = ComparisonDefinition(kind: .better, margin: 0)
        let pairs = Self.pairs(both: 200, wins: 26, losses: 14, neither: 60)
        #expect(Self.judge(better, pairs: pairs)[0].verdict == .passed)
        #expect(Self.judge(better, pairs: pairs, share: 0.5)[0].verdict == .inconclusive)
        let grouped = Self.judge(
            better, pairs: Self.pairs(both: 200, wins: 40, losses: 15, neither: 45, perGroup: 10))[0]
        #expect(grouped.method == "bootstrap of paired differences over 30 groups")
    }

    @Test("without a champion the comparison says so and holds nothing up")
    func noChampion() {
        let results = ComparisonEvaluator.withoutChampion(
            [ComparisonDefinition(kind: .better, margin: 0)], primary: .accuracy, share: 1)
        #expect(results[0].verdict == .passed && results[0].value == nil)
        #expect(results[0].detail == "there is no champion yet: nothing to compare with")
    }

    @Test("an equal candidate is promoted over the champion no more often than α")
    func equalArms() {
        var random = SplitMix64(seed: 71)
        var promoted = 0
        for _ in 0..<400 {
            let pairs = (0..<150).map { index in
                ComparisonEvaluator.Pair(
                    challenger: Self.sample(index, score: random.nextUnit() < 0.8 ? 1 : 0, cost: 1),
                    champion: Self.sample(index, score: random.nextUnit() < 0.8 ? 1 : 0, cost: 1), group: "\(index)")
            }
            if Self.judge(ComparisonDefinition(kind: .better, margin: 0), pairs: pairs)[0].verdict == .passed {
                promoted += 1
            }
        }
        #expect(promoted <= 20 + 13)
    }
}
