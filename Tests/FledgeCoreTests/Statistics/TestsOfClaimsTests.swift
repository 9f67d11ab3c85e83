import FledgeCore
import Testing

@Suite("Tests of claims: rates, pairs, several at once")
struct TestsOfClaimsTests {
    private let reference: StatisticsReference

    init() throws { reference = try StatisticsReference.load() }

    @Test("mid-p bounds equal those of SciPy's binomial distribution")
    func midP() {
        #expect(reference.midP.count > 100)
        for row in reference.midP {
            let bounds = Bounds.midP(successes: Int(row[0]), trials: Int(row[1]), alpha: row[2])
            #expect(abs(bounds.lower - row[3]) < 1e-7, "\(row[0]) of \(row[1]) at \(row[2])")
            #expect(abs(bounds.upper - row[4]) < 1e-7, "\(row[0]) of \(row[1]) at \(row[2])")
        }
    }

    @Test("mid-p bounds lie inside the exact ones")
    func midPIsShorter() {
        for hits in 0...40 {
            let exact = Bounds.clopperPearson(successes: hits, trials: 40, alpha: 0.05)
            let mid = Bounds.midP(successes: hits, trials: 40, alpha: 0.05)
            #expect(exact.lower <= mid.lower && mid.upper <= exact.upper)
        }
    }

    @Test("McNemar's p-values equal those of statsmodels and SciPy")
    func mcNemar() {
        for row in reference.mcnemar {
            let test = McNemar(wins: Int(row[0]), losses: Int(row[1]))
            #expect(abs(test.pDifferent - row[2]) < 1e-9, "\(row)")
            #expect(abs(test.pBetter - row[3]) < 1e-9, "\(row)")
            #expect(abs(test.pWorse - row[4]) < 1e-9, "\(row)")
            #expect(abs(test.midPDifferent - row[5]) < 1e-9, "\(row)")
            #expect(test.midPBetter < test.pBetter)
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
        #expect(Holm.holds([0.04, 0.01], alpha: 0.05) == [true, true])
        #expect(Holm.holds([0.04, 0.03], alpha: 0.05) == [false, false])
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

    @Test("bootstrapped quantiles, F1 and paired differences say what is in the data")
    func otherBootstraps() {
        let bootstrap = Bootstrap(seed: 5)
        let groups = (0..<60).map { [Double($0), Double($0) + 0.5] }
        let median = bootstrap.quantile(0.5, groups: groups, alpha: 0.025)
        #expect(median.lower < 30 && 30 < median.upper && median.upper - median.lower < 35)
        let counts = (0..<60).map {
            (truePositives: $0 % 4 == 0 ? 0 : 1, falsePositives: $0 % 4 == 0 ? 1 : 0, falseNegatives: 0)
        }
        let f1 = bootstrap.f1(counts, alpha: 0.025)
        #expect(f1.lower < 90.0 / 105 && 90.0 / 105 < f1.upper)
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
