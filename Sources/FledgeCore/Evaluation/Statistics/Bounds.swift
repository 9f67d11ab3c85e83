import Foundation

/// A pair of one-sided confidence bounds: each is wrong with probability at most α, so that the pair covers with 1 − 2α.
package struct Bounds: Hashable, Sendable, Codable {
    package var lower: Double
    package var upper: Double

    package init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    /// Exact bounds for a rate, after Clopper and Pearson (Biometrika 26, 1934).
    ///
    /// - Parameters:
    ///   - successes: 0…trials.
    ///   - trials: at least 1; none gives 0…1.
    ///   - alpha: the error rate of each side, 0…0.5.
    package static func clopperPearson(successes: Int, trials: Int, alpha: Double) -> Bounds {
        guard trials > 0 else { return Bounds(lower: 0, upper: 1) }
        let hits = Double(successes)
        let misses = Double(trials - successes)
        return Bounds(
            lower: successes == 0 ? 0 : Beta.quantile(alpha, a: hits, b: misses + 1),
            upper: successes == trials ? 1 : Beta.quantile(1 - alpha, a: hits + 1, b: misses))
    }

    /// Distribution-free bounds for a quantile, from order statistics whose ranks the binomial distribution gives
    /// (David and Nagaraja, *Order Statistics*, §7.1).
    ///
    /// - Parameters:
    ///   - sorted: the values, ascending, at least one.
    ///   - quantile: 0…1.
    /// - Returns: infinite on a side that so few values cannot bound.
    package static func quantile(_ quantile: Double, ofSorted sorted: [Double], alpha: Double) -> Bounds {
        let count = sorted.count
        // P(at most k of n values lie below the quantile) = I_{1-q}(n-k, k+1).
        func atMost(_ k: Int) -> Double {
            k >= count ? 1 : Beta.cumulative(1 - quantile, a: Double(count - k), b: Double(k + 1))
        }
        var lower = -Double.infinity
        var upper = Double.infinity
        // The r-th smallest is a lower bound when fewer than r values below the quantile is improbable.
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high + 1) / 2
            if atMost(middle - 1) <= alpha { low = middle } else { high = middle - 1 }
        }
        if low >= 1 { lower = sorted[low - 1] }
        low = 1
        high = count + 1
        while low < high {
            let middle = (low + high) / 2
            if 1 - atMost(middle - 1) <= alpha { high = middle } else { low = middle + 1 }
        }
        if low <= count { upper = sorted[low - 1] }
        return Bounds(lower: lower, upper: upper)
    }
}
