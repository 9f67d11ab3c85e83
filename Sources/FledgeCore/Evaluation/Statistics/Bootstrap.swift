import Foundation

/// Resampling by whole groups (Efron 1979; Davison and Hinkley, *Bootstrap Methods*, 1997, §3.8), for values that no exact
/// bound is known for. Resampling few groups finds bounds that are too narrow: below thirty, Student's t with the ratio's
/// linearised variance stands in for it. Approximate both; infinite with fewer than two groups.
package struct Bootstrap: Sendable {
    package var resamples: Int
    package var seed: UInt64

    /// - Parameter resamples: how often the groups are drawn anew.
    package init(resamples: Int = 2000, seed: UInt64 = 1) {
        self.resamples = resamples
        self.seed = seed
    }

    /// The numbers of groups that are resampled. Above them Student's t, which is normal there, is within a thousandth of a
    /// standard error, and a million groups would take minutes.
    private static let resampled = 30...5000

    /// What bounds of so many groups are made by, for people.
    package static func method(groups: Int) -> String { resampled.contains(groups) ? "bootstrap" : "Student's t" }

    /// Percentile bounds for a ratio of sums over groups, such as a mean: Σ numerator / Σ denominator.
    ///
    /// - Parameter alpha: the error rate of each side.
    package func ratio(_ groups: [(numerator: Double, denominator: Double)], alpha: Double) -> Bounds {
        guard groups.count > 1 else { return Bounds(lower: -.infinity, upper: .infinity) }
        guard Self.resampled.contains(groups.count) else { return linearised(groups, alpha: alpha) }
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

    /// Percentile bounds for any value of whole groups that is not a ratio of sums.
    ///
    /// - Parameters:
    ///   - value: what all groups come to.
    ///   - influences: how the value changes with a little more of each group, times its share: with few groups, or very
    ///     many, they give the linearised variance (the infinitesimal jackknife; Davison and Hinkley 1997, §2.7).
    ///   - statistic: the value of drawn groups, given by their places in `influences`; as many are drawn as there are.
    package func bounds(
        of value: Double, influences: [Double], alpha: Double, _ statistic: (_ drawn: [Int]) -> Double
    ) -> Bounds {
        let count = influences.count
        guard count > 1 else { return Bounds(lower: -.infinity, upper: .infinity) }
        guard Self.resampled.contains(count) else {
            let squares = influences.reduce(0) { $0 + $1 * $1 }
            let error = (Double(count) / Double(count - 1) * squares).squareRoot()
            let reach = Student.squaredQuantile(exceededBy: alpha, freedom: count - 1).squareRoot() * error
            return Bounds(lower: value - reach, upper: value + reach)
        }
        var drawn = [Int](repeating: 0, count: count)
        return percentile(alpha: alpha) { random in
            for place in drawn.indices { drawn[place] = Int(random.next(below: UInt64(count))) }
            return statistic(drawn)
        }
    }

    /// Percentile bounds for the mean of values that come in groups.
    package func mean(groups: [[Double]], alpha: Double) -> Bounds {
        ratio(groups.map { ($0.reduce(0, +), Double($0.count)) }, alpha: alpha)
    }

    /// The share of resamples in which the mean of the groups' values is at or below zero, (b + 1) / (resamples + 1): a
    /// one-sided p-value for "above zero" of paired differences (Davison and Hinkley 1997, §4.2.3); of few groups, that of
    /// Student's test on their sums.
    package func pAboveZero(groups: [[Double]]) -> Double {
        let sums = groups.map { $0.reduce(0, +) }
        guard sums.count > 1 else { return 1 }
        guard sums.count >= Self.resampled.lowerBound else { return studentAboveZero(sums) }
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
        let reach = Int(saturating: (alpha * Double(resamples)).rounded(.down))
        return Bounds(lower: values[reach], upper: values[resamples - 1 - reach])
    }

    private func studentAboveZero(_ sums: [Double]) -> Double {
        let count = Double(sums.count)
        let mean = sums.reduce(0, +) / count
        let variance = sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        // Without a spread to judge by, the signs alone count.
        guard variance > 0 else { return mean > 0 ? pow(0.5, count) : 1 }
        return Student.exceeds(mean / (variance / count).squareRoot(), freedom: sums.count - 1)
    }

    /// The ratio's linearised variance (Cochran, *Sampling Techniques*, 1977, equation 6.13).
    private func linearised(_ groups: [(numerator: Double, denominator: Double)], alpha: Double) -> Bounds {
        let (numerator, denominator) = groups.reduce((0.0, 0.0)) { ($0.0 + $1.numerator, $0.1 + $1.denominator) }
        guard denominator > 0 else { return Bounds(lower: -.infinity, upper: .infinity) }
        let ratio = numerator / denominator
        let squares = groups.reduce(0.0) { sum, group in
            let residual = group.numerator - ratio * group.denominator
            return sum + residual * residual
        }
        let count = Double(groups.count)
        let error = (count / (count - 1) * squares).squareRoot() / denominator
        let reach = Student.squaredQuantile(exceededBy: alpha, freedom: groups.count - 1).squareRoot() * error
        return Bounds(lower: ratio - reach, upper: ratio + reach)
    }
}
