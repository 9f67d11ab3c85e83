import FledgeCore
import Testing

@Suite("Betting: bounds that may be looked at after every value")
struct BettingTests {
    @Test("bounds equal those of the published algorithm, written down in Python on a grid of thousandths")
    func boundsEqualPeer() throws {
        let references = try StatisticsReference.load().betting
        #expect(references.count == 24)
        for reference in references {
            for (place, expected) in reference.bounds.enumerated() {
                let bounds = Bounds.betting(
                    Array(reference.values.prefix(10 * (place + 1))), alpha: reference.alpha,
                    horizon: reference.total.map { .fixed($0) } ?? .anytime)
                // The grid's bounds are rounded outwards.
                #expect((expected[0] - 1e-9...expected[0] + 0.001).contains(bounds.lower), "\(reference.name)")
                #expect((expected[1] - 0.001...expected[1] + 1e-9).contains(bounds.upper), "\(reference.name)")
            }
        }
    }

    @Test("another range is the unit range, scaled")
    func scaledRange() {
        var random = SplitMix64(seed: 4)
        let units = (0..<120).map { _ in Double(random.next(below: 3)) / 2 }
        let unit = Bounds.betting(units, alpha: 0.05, horizon: .anytime)
        let scaled = Bounds.betting(units.map { 2 * $0 - 1 }, range: -1...1, alpha: 0.05, horizon: .anytime)
        #expect(abs(scaled.lower - (2 * unit.lower - 1)) < 1e-9)
        #expect(abs(scaled.upper - (2 * unit.upper - 1)) < 1e-9)
    }

    @Test("looked at after every value, a side is ever wrong no more often than it says", arguments: [0.05, 0.5, 0.9])
    func coverageAtEveryLook(rate: Double) {
        let (alpha, repeats, size) = (0.05, 400, 200)
        var random = SplitMix64(seed: 21)
        var misses = (low: 0, high: 0)
        for _ in 0..<repeats {
            // The bounds only ever tighten, so that the last ones have missed when any before have.
            let values = (0..<size).map { _ in random.nextUnit() < rate ? 1.0 : 0 }
            let bounds = Bounds.betting(values, alpha: alpha, horizon: .anytime)
            if bounds.lower > rate { misses.low += 1 }
            if bounds.upper < rate { misses.high += 1 }
        }
        let allowed = alpha * Double(repeats) + 3 * (alpha * (1 - alpha) * Double(repeats)).squareRoot()
        #expect(Double(misses.low) <= allowed)
        #expect(Double(misses.high) <= allowed)
    }

    @Test("a test that is looked at after every value rejects a true null no more often than α")
    func rejectsTrueNullsSeldom() {
        let (alpha, repeats) = (0.05, 1000)
        var random = SplitMix64(seed: 22)
        var rejections = 0
        for _ in 0..<repeats {
            var test = BettingTest(null: 0, range: -1...1)
            for _ in 0..<300 { test.add(Double(random.next(below: 3)) - 1) }
            if test.pValue <= alpha { rejections += 1 }
        }
        #expect(Double(rejections) <= alpha * Double(repeats) + 21)
    }

    @Test("a test finds a difference of ten points in three hundred pairs more often than not")
    func findsTenPoints() {
        var random = SplitMix64(seed: 23)
        var rejections = 0
        for _ in 0..<200 {
            var test = BettingTest(null: 0, range: -1...1)
            for _ in 0..<300 {
                let draw = random.nextUnit()
                test.add(draw < 0.2 ? 1 : draw < 0.3 ? -1 : 0)
            }
            if test.pValue <= 0.05 { rejections += 1 }
        }
        #expect(rejections > 100)
    }

    @Test("the evidence is the mean capital of twelve gamblers, who stake from a hundredth to nine tenths of theirs")
    func evidence() {
        // Each stake is 90^(1/11) times the one before. A value of 1 wins what is staked, a value of 0 loses it.
        var test = BettingTest(null: 0.5)
        for (value, evidence) in [(1.0, 1.2217419099445732), (1.0, 1.5642822702344044), (0.0, 1.0150041545013815)] {
            test.add(value)
            #expect(abs(test.eValue - evidence) < 1e-12)
        }
        #expect(test.count == 3 && abs(test.pValue - 0.6392708138603094) < 1e-12)
    }

    @Test("no value says nothing, and no number breaks it")
    func extremes() {
        #expect(Bounds.betting([], alpha: 0.05) == Bounds(lower: 0, upper: 1))
        var test = BettingTest(null: 0.5)
        for _ in 0..<20_000 { test.add(7) }
        #expect(test.eValue.isFinite && test.pValue < 1e-100)
        #expect(BettingTest.pValue([], null: 0.5) == 1)
    }
}
