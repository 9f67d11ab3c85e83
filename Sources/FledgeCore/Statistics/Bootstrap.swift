import Foundation

/// Resampling by whole groups (Efron 1979; Davison and Hinkley, *Bootstrap Methods*, 1997, §3.8), for values that no exact
/// bound is known for. Approximate: good from about thirty groups on, and infinite with fewer than two.
package struct Bootstrap: Sendable {
    package var resamples: Int
    package var seed: UInt64

    /// - Parameter resamples: how often the groups are drawn anew.
    package init(resamples: Int = 2000, seed: UInt64 = 1) {
        self.resamples = resamples
        self.seed = seed
    }

    /// Above so many groups the ratio's normal approximation stands in for resampling: it is within a thousandth of a
    /// standard error there, and a million groups would take minutes.
    private static let maximumGroups = 5000

    /// Percentile bounds for a ratio of sums over groups, such as a mean: Σ numerator / Σ denominator.
    ///
    /// - Parameter alpha: the error rate of each side.
    package func ratio(_ groups: [(numerator: Double, denominator: Double)], alpha: Double) -> Bounds {
        guard groups.count > 1 else { return Bounds(lower: -.infinity, upper: .infinity) }
        if groups.count > Self.maximumGroups { return normal(groups, alpha: alpha) }
        return percentile(alpha: alpha) { random in
            var numerator = 0.0
            var denominator = 0.0
            for _ in groups.indices {
                let drawn = groups[Int(random.next(below: UInt64(groups.count)))]
                numerator += drawn.numerator
                denominator += drawn.denominator
            }
            return denominator == 0 ? 0 : numerator / denominator
        }
    }

    /// Percentile bounds for the mean of values that come in groups.
    package func mean(groups: [[Double]], alpha: Double) -> Bounds {
        ratio(groups.map { ($0.reduce(0, +), Double($0.count)) }, alpha: alpha)
    }

    /// Percentile bounds for a quantile (the smallest value with at least that share at or below it) of values in groups.
    package func quantile(_ quantile: Double, groups: [[Double]], alpha: Double) -> Bounds {
        guard groups.count > 1 else { return Bounds(lower: -.infinity, upper: .infinity) }
        return percentile(alpha: alpha) { random in
            var drawn: [Double] = []
            for _ in groups.indices { drawn += groups[Int(random.next(below: UInt64(groups.count)))] }
            drawn.sort()
            return drawn[max(0, Int((quantile * Double(drawn.count)).rounded(.up)) - 1)]
        }
    }

    /// Percentile bounds for F1 = 2·TP / (2·TP + FP + FN) over all groups' counts (micro-averaged).
    package func f1(_ groups: [(truePositives: Int, falsePositives: Int, falseNegatives: Int)], alpha: Double) -> Bounds
    {
        ratio(
            groups.map {
                (Double(2 * $0.truePositives), Double(2 * $0.truePositives + $0.falsePositives + $0.falseNegatives))
            }, alpha: alpha)
    }

    /// The share of resamples in which the mean of the groups' values is at or below zero, (b + 1) / (resamples + 1): a
    /// one-sided p-value for "above zero" of paired differences (Davison and Hinkley 1997, §4.2.3).
    package func pAboveZero(groups: [[Double]]) -> Double {
        let sums = groups.map { $0.reduce(0, +) }
        guard sums.count > 1 else { return 1 }
        var random = SplitMix64(seed: seed)
        var below = 0
        for _ in 0..<resamples {
            var total = 0.0
            for _ in sums.indices { total += sums[Int(random.next(below: UInt64(sums.count)))] }
            if total <= 0 { below += 1 }
        }
        return Double(below + 1) / Double(resamples + 1)
    }

    private func percentile(alpha: Double, _ statistic: (inout SplitMix64) -> Double) -> Bounds {
        var random = SplitMix64(seed: seed)
        let values = (0..<resamples).map { _ in statistic(&random) }.sorted()
        let reach = Int((alpha * Double(resamples)).rounded(.down))
        return Bounds(lower: values[reach], upper: values[resamples - 1 - reach])
    }

    /// The ratio's linearised variance (Cochran, *Sampling Techniques*, 1977, equation 6.13).
    private func normal(_ groups: [(numerator: Double, denominator: Double)], alpha: Double) -> Bounds {
        let (numerator, denominator) = groups.reduce((0.0, 0.0)) { ($0.0 + $1.numerator, $0.1 + $1.denominator) }
        guard denominator > 0 else { return Bounds(lower: -.infinity, upper: .infinity) }
        let ratio = numerator / denominator
        let squares = groups.reduce(0.0) { sum, group in
            let residual = group.numerator - ratio * group.denominator
            return sum + residual * residual
        }
        let count = Double(groups.count)
        let error = (count / (count - 1) * squares).squareRoot() / denominator
        let reach = Normal.quantile(1 - alpha) * error
        return Bounds(lower: ratio - reach, upper: ratio + reach)
    }
}

/// The standard normal distribution.
package enum Normal {
    package static func cumulative(_ z: Double) -> Double { erfc(-z / 2.0.squareRoot()) / 2 }

    /// By bisection to the last bits.
    package static func quantile(_ probability: Double) -> Double {
        var (low, high) = (-40.0, 40.0)
        for _ in 0..<100 {
            let middle = (low + high) / 2
            if cumulative(middle) < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
