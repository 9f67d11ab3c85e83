import FledgeCore
import Foundation
import Testing

@Suite("Statistical bounds")
struct BoundsTests {
    private let reference: StatisticsReference

    init() throws { reference = try StatisticsReference.load() }

    @Test("the beta distribution equals SciPy's")
    func betaCumulative() throws {
        #expect(reference.beta.count > 500)
        for row in reference.beta {
            let (a, b, x, expected) = (row[0], row[1], row[2], row[3])
            let value = Beta.cumulative(x, a: a, b: b)
            #expect(abs(value - expected) <= 1e-9 + 1e-7 * expected, "I_\(x)(\(a), \(b))")
        }
    }

    @Test("the middle of a symmetric distribution is one half", arguments: [0.5, 1, 2, 150, 50_000])
    func symmetric(shape: Double) {
        #expect(abs(Beta.cumulative(0.5, a: shape, b: shape) - 0.5) < 1e-9)
    }

    @Test("beta quantiles and probabilities undo each other")
    func betaQuantile() throws {
        for (a, b) in [(0.5, 0.5), (1, 1), (1, 100_000), (100_000, 1), (86, 15), (50_000, 50_000)] {
            for probability in [1e-6, 0.0005, 0.025, 0.5, 0.975, 0.9995] {
                let x = Beta.quantile(probability, a: a, b: b)
                #expect((0...1).contains(x))
                #expect(abs(Beta.cumulative(x, a: a, b: b) - probability) < 1e-6, "\(probability), \(a), \(b)")
            }
        }
    }

    @Test("exact binomial bounds equal SciPy's, from one trial to a hundred thousand")
    func clopperPearson() throws {
        #expect(reference.clopperPearson.count > 300)
        for row in reference.clopperPearson {
            let bounds = Bounds.clopperPearson(successes: Int(row[0]), trials: Int(row[1]), alpha: row[2])
            #expect(abs(bounds.lower - row[3]) < 1e-8, "\(row[0]) of \(row[1]) at \(row[2])")
            #expect(abs(bounds.upper - row[4]) < 1e-8, "\(row[0]) of \(row[1]) at \(row[2])")
        }
    }

    @Test("bounds of a quantile stand at the ranks that the binomial distribution gives")
    func quantileRanks() throws {
        for row in reference.quantileRanks {
            let count = Int(try #require(row[0]))
            let quantile = try #require(row[1])
            let alpha = try #require(row[2])
            let bounds = Bounds.quantile(quantile, ofSorted: (1...count).map(Double.init), alpha: alpha)
            #expect(bounds.lower == row[3] ?? -.infinity, "n \(count), q \(quantile), α \(alpha)")
            #expect(bounds.upper == row[4] ?? .infinity, "n \(count), q \(quantile), α \(alpha)")
        }
        // One value lies above the median in half of all cases, and below it in the other half: no more often than α.
        #expect(Bounds.quantile(0.5, ofSorted: [7], alpha: 0.5) == Bounds(lower: 7, upper: 7))
    }

    @Test("no trials say nothing")
    func nothing() {
        #expect(Bounds.clopperPearson(successes: 0, trials: 0, alpha: 0.05) == Bounds(lower: 0, upper: 1))
        #expect(Bounds.betting([], alpha: 0.05) == Bounds(lower: 0, upper: 1))
    }

    @Test(
        "each side of an exact bound is wrong no more often than it says",
        arguments: [(0.05, 20), (0.5, 50), (0.86, 300), (0.99, 100)])
    func coverage(rate: Double, trials: Int) {
        let (alpha, repeats) = (0.05, 2000)
        var random = SplitMix64(seed: 11)
        var cache: [Int: Bounds] = [:]
        var tooHigh = 0
        var tooLow = 0
        for _ in 0..<repeats {
            let hits = (0..<trials).count { _ in Double(random.next() >> 11) * 0x1p-53 < rate }
            let bounds = cache[hits] ?? .clopperPearson(successes: hits, trials: trials, alpha: alpha)
            cache[hits] = bounds
            if bounds.lower > rate { tooHigh += 1 }
            if bounds.upper < rate { tooLow += 1 }
        }
        // Three standard deviations of the simulation above the promise.
        let allowed = alpha * Double(repeats) + 3 * (alpha * (1 - alpha) * Double(repeats)).squareRoot()
        #expect(Double(tooHigh) <= allowed)
        #expect(Double(tooLow) <= allowed)
    }

    @Test("bounds of a mean and of a quantile cover as promised")
    func otherCoverage() {
        let (alpha, repeats, size) = (0.05, 1000, 80)
        var random = SplitMix64(seed: 12)
        var misses = [0, 0, 0, 0]
        for _ in 0..<repeats {
            // Squares of uniform numbers: mean 1/3, 90th percentile 0.81.
            let values = (0..<size).map { _ in
                let u = Double(random.next() >> 11) * 0x1p-53; return u * u
            }
            let mean = Bounds.betting(values, alpha: alpha)
            let percentile = Bounds.quantile(0.9, ofSorted: values.sorted(), alpha: alpha)
            if mean.lower > 1.0 / 3 { misses[0] += 1 }
            if mean.upper < 1.0 / 3 { misses[1] += 1 }
            if percentile.lower > 0.81 { misses[2] += 1 }
            if percentile.upper < 0.81 { misses[3] += 1 }
        }
        for count in misses { #expect(Double(count) <= 50 + 21) }
    }

    @Test("bootstrapped bounds are the same for the same seed and hold the mean between them")
    func bootstrap() {
        let groups = (0..<40).map { [Double($0), Double($0) + 0.5] }
        let bounds = Bootstrap(seed: 3).mean(groups: groups, alpha: 0.025)
        #expect(bounds == Bootstrap(seed: 3).mean(groups: groups, alpha: 0.025))
        #expect(bounds.lower < 19.75 && 19.75 < bounds.upper)
        #expect(Bootstrap().mean(groups: [[1]], alpha: 0.025) == Bounds(lower: -.infinity, upper: .infinity))
    }
}
