import FledgeCore
import Testing

@Suite("Betting: bounds that may be looked at after every value")
struct BettingTests {
    @Test("the sequence equals the published algorithm, written down in Python, after every tenth value")
    func sequenceEqualsPeer() throws {
        let references = try StatisticsReference.load().betting
        #expect(references.count == 24)
        for reference in references {
            var sequence = BettingSequence(
                alpha: reference.alpha, horizon: reference.total.map { .fixed($0) } ?? .anytime)
            for (index, value) in reference.values.enumerated() {
                sequence.add(value)
                guard (index + 1).isMultiple(of: 10) else { continue }
                let expected = reference.bounds[index / 10]
                #expect(
                    abs(sequence.bounds.lower - expected[0]) < 1e-9 && abs(sequence.bounds.upper - expected[1]) < 1e-9,
                    "\(reference.name), α \(reference.alpha), value \(index + 1)")
            }
        }
    }

    @Test("bounds found by bisection are the sequence's last ones, without its grid")
    func bisectionEqualsSequence() throws {
        for reference in try StatisticsReference.load().betting {
            let bounds = Bounds.betting(
                reference.values, alpha: reference.alpha, horizon: reference.total.map { .fixed($0) } ?? .anytime)
            let expected = try #require(reference.bounds.last)
            #expect((expected[0] - 1e-9...expected[0] + 0.001).contains(bounds.lower), "\(reference.name)")
            #expect((expected[1] - 0.001...expected[1] + 1e-9).contains(bounds.upper), "\(reference.name)")
        }
    }

    @Test("another range is the unit range, scaled")
    func scaledRange() {
        var random = SplitMix64(seed: 4)
        let units = (0..<120).map { _ in Double(random.next(below: 3)) / 2 }
        var unit = BettingSequence(alpha: 0.05)
        var scaled = BettingSequence(alpha: 0.05, range: -1...1)
        for value in units {
            unit.add(value)
            scaled.add(2 * value - 1)
        }
        #expect(abs(scaled.bounds.lower - (2 * unit.bounds.lower - 1)) < 1e-9)
        #expect(abs(scaled.bounds.upper - (2 * unit.bounds.upper - 1)) < 1e-9)
        #expect(abs((scaled.mean ?? 0) - (2 * (unit.mean ?? 0) - 1)) < 1e-9)
    }

    @Test("looked at after every value, a side is ever wrong no more often than it says", arguments: [0.05, 0.5, 0.9])
    func coverageAtEveryLook(rate: Double) {
        let (alpha, repeats, size) = (0.05, 400, 200)
        var random = SplitMix64(seed: 21)
        var misses = (low: 0, high: 0)
        for _ in 0..<repeats {
            var sequence = BettingSequence(alpha: alpha, resolution: 200)
            // The bounds only ever tighten, so that the last ones have missed when any before have.
            for _ in 0..<size { sequence.add(random.nextUnit() < rate ? 1 : 0) }
            if sequence.bounds.lower > rate { misses.low += 1 }
            if sequence.bounds.upper < rate { misses.high += 1 }
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

    @Test("no value says nothing, and no number breaks it")
    func extremes() {
        let nothing = BettingSequence(alpha: 0.05)
        #expect(nothing.bounds == Bounds(lower: 0, upper: 1))
        #expect(nothing.mean == nil)
        var test = BettingTest(null: 0.5)
        for _ in 0..<20_000 { test.add(7) }
        #expect(test.eValue.isFinite && test.pValue < 1e-100)
        #expect(BettingTest.pValue([], null: 0.5) == 1)
    }
}
