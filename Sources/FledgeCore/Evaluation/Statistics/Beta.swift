import Foundation

/// The beta distribution: what exact binomial bounds are made of.
package enum Beta {
    /// The regularised incomplete beta function I_x(a, b), by Lentz's evaluation of its continued fraction
    /// (Abramowitz and Stegun, 26.5.8).
    ///
    /// - Parameters:
    ///   - x: 0…1.
    ///   - a: above 0.
    ///   - b: above 0.
    package static func cumulative(_ x: Double, a: Double, b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        // The fraction converges fast on one side of the mean only; the other side is its mirror image.
        // Mirrored once at the most: at the middle of a symmetric distribution either side is the other's mirror image.
        return x < (a + 1) / (a + b + 2) ? belowMean(x, a, b) : 1 - belowMean(1 - x, b, a)
    }

    private static func belowMean(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let logFront = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
        return exp(logFront) * continuedFraction(x, a, b) / a
    }

    /// The x at which `cumulative` is `probability`, by bisection to the last bits.
    package static func quantile(_ probability: Double, a: Double, b: Double) -> Double {
        var low = 0.0
        var high = 1.0
        for _ in 0..<200 where low.nextUp < high {
            let middle = (low + high) / 2
            if cumulative(middle, a: a, b: b) < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func held(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / held(1 - (a + b) * x / (a + 1))
        var fraction = d
        for step in 1...10_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / held(1 + even * d)
            c = held(1 + even / c)
            fraction *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / held(1 + odd * d)
            c = held(1 + odd / c)
            let change = d * c
            fraction *= change
            if abs(change - 1) < 1e-15 { break }
        }
        return fraction
    }
}
