import FledgeCore
import Testing

@Suite("Tests of claims: rates, pairs, several at once")
struct TestsOfClaimsTests {
    private let reference: StatisticsReference

    init() throws { reference = try StatisticsReference.load() }

    @Test("McNemar's p-values equal SciPy's")
    func mcNemar() {
        for row in reference.mcnemar {
            let test = McNemar(wins: Int(row[0]), losses: Int(row[1]))
            #expect(abs(test.pBetter - row[2]) < 1e-9, "\(row)")
            #expect(abs(test.pWorse - row[3]) < 1e-9, "\(row)")
        }
        #expect(McNemar(wins: 0, losses: 0).pBetter == 1)
        #expect(McNemar([(true, false), (true, true), (false, true), (true, false)]) == McNemar(wins: 2, losses: 1))
    }

    @Test("Holm's adjusted p-values equal statsmodels'")
    func holm() {
        for row in reference.holm {
            for (value, expected) in zip(Holm.adjusted(row[0]), row[1]) { #expect(abs(value - expected) < 1e-12) }
        }
        #expect(Holm.adjusted([]).isEmpty)
    }

    @Test("rates over groups that resemble each other are as sure as the groups are many")
    func groupedRate() {
        let singles = (0..<100).map { (hits: $0 < 80 ? 1 : 0, trials: 1) }
        #expect(
            Bounds.clopperPearson(groups: singles, alpha: 0.05)
                == .clopperPearson(successes: 80, trials: 100, alpha: 0.05))
        // Ten answers a group, all right or all wrong: a hundred examples that are worth ten.
        let blocks = (0..<10).map { (hits: $0 < 8 ? 10 : 0, trials: 10) }
        let bounds = Bounds.clopperPearson(groups: blocks, alpha: 0.05)
        // scipy, by the formula: 100 / 11.111 · (t(99) / t(9))² = 7.384 trials.
        #expect(abs(bounds.lower - 0.43256848) < 1e-6 && abs(bounds.upper - 0.97663558) < 1e-6)
    }

    @Test("groups without a spread are worth a trial each, and a single group nothing")
    func groupsWithoutSpread() {
        let right = (0..<10).map { _ in (hits: 5, trials: 5) }
        let wrong = (0..<10).map { _ in (hits: 0, trials: 5) }
        #expect(
            Bounds.clopperPearson(groups: right, alpha: 0.05)
                == .clopperPearson(successes: 10, trials: 10, alpha: 0.05))
        #expect(
            Bounds.clopperPearson(groups: wrong, alpha: 0.05) == .clopperPearson(successes: 0, trials: 10, alpha: 0.05))
        #expect(
            Bounds.clopperPearson(groups: Array(right.prefix(2)), alpha: 0.05)
                == .clopperPearson(successes: 2, trials: 2, alpha: 0.05))
        #expect(Bounds.clopperPearson(groups: [(hits: 90, trials: 100)], alpha: 0.05) == Bounds(lower: 0, upper: 1))
    }

    @Test("groups hold the error rate where a rate over examples would not")
    func groupedCoverage() {
        var random = SplitMix64(seed: 37)
        var misses = 0
        for _ in 0..<400 {
            // All of a group's five answers are right, or none.
            let groups = (0..<20).map { _ in (hits: random.nextUnit() < 0.8 ? 5 : 0, trials: 5) }
            if Bounds.clopperPearson(groups: groups, alpha: 0.05).lower > 0.8 { misses += 1 }
        }
        // 5%, and three standard deviations of the simulation.
        #expect(misses <= 20 + 13)
    }

    @Test("the bootstrap by group covers the mean of values that come in groups, where resampling values would not")
    func bootstrapByGroup() {
        var random = SplitMix64(seed: 31)
        var misses = 0
        for _ in 0..<200 {
            let groups = (0..<40).map { _ -> [Double] in
                let level = random.nextUnit()
                return (0..<5).map { _ in level + 0.1 * random.nextUnit() }
            }
            let bounds = Bootstrap(resamples: 400).mean(groups: groups, alpha: 0.05)
            if bounds.lower > 0.55 || bounds.upper < 0.55 { misses += 1 }
        }
        // Two sides at 5% each, with the bootstrap's own error and three standard deviations of the simulation.
        #expect(misses <= 20 + 6 + 13)
    }

    @Test("Student's bounds for a mean equal SciPy's")
    func studentBounds() {
        let values = [0.02, -0.05, 0.11, 0.03, 0.0, -0.01]
        // scipy.stats.t.interval(1 - 2 * alpha, 5, mean, sem)
        for (alpha, lower, upper) in [
            (0.025, -0.03952144119624175, 0.07285477452957508), (0.05, -0.027378519438753527, 0.060711852772086836),
            (0.2, -0.0034328393644449673, 0.03676617269777831),
        ] {
            let bounds = Bounds.student(values, alpha: alpha)
            #expect(abs(bounds.lower - lower) < 1e-9 && abs(bounds.upper - upper) < 1e-9)
        }
        #expect(Bounds.student([0.5], alpha: 0.05) == Bounds(lower: -.infinity, upper: .infinity))
    }

    @Test("bounds of a few groups hold their error rate, where resampling so few is too sure", arguments: [4, 8, 16])
    func fewGroups(_ count: Int) {
        var random = SplitMix64(seed: 33)
        var misses = 0
        for _ in 0..<400 {
            let groups = (0..<count).map { _ -> [Double] in
                let level = random.nextUnit()
                return (0..<5).map { _ in level + 0.1 * random.nextUnit() }
            }
            if Bootstrap().mean(groups: groups, alpha: 0.05).lower > 0.55 { misses += 1 }
        }
        // 5%, and three standard deviations of the simulation.
        #expect(misses <= 20 + 13)
    }

    @Test("the p-value of a few groups is that of Student's test on their sums")
    func fewPairedGroups() {
        let sums = [0.5, -0.25, 1, 0.75, 0.25, -0.5, 1.5]
        // scipy.stats.ttest_1samp(sums, 0, alternative="greater")
        #expect(abs(Bootstrap().pAboveZero(groups: sums.map { [$0] }) - 0.06460330897059909) < 1e-9)
        #expect(abs(Bootstrap().pAboveZero(groups: sums.map { [-$0] }) - 0.9353966910294009) < 1e-9)
        #expect(Bootstrap().pAboveZero(groups: [[0], [0], [0]]) == 1)
        #expect(Bootstrap().pAboveZero(groups: [[1], [1], [1]]) == 0.125)
    }

    @Test("the bootstrap tells paired differences that lean to one side from those that do not")
    func pairedDifferences() {
        let bootstrap = Bootstrap(seed: 5)
        #expect(bootstrap.pAboveZero(groups: (0..<60).map { [$0 % 3 == 0 ? -0.1 : 0.2] }) < 0.01)
        #expect(bootstrap.pAboveZero(groups: (0..<60).map { [$0 % 2 == 0 ? -0.1 : 0.1] }) > 0.2)
    }

    @Test("with many groups the ratio's normal approximation agrees with resampling")
    func manyGroups() {
        var random = SplitMix64(seed: 32)
        let groups = (0..<5001).map { _ in (numerator: random.nextUnit(), denominator: 1.0) }
        let normal = Bootstrap().ratio(groups, alpha: 0.05)
        let resampled = Bootstrap(resamples: 400).ratio(Array(groups.prefix(5000)), alpha: 0.05)
        #expect(abs(normal.lower - resampled.lower) < 0.001)
        #expect(abs(normal.upper - resampled.upper) < 0.001)
    }
}
