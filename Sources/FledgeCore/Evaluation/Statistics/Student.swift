/// Student's t distribution.
enum Student {
    /// The square of the value that is exceeded with probability `alpha`, through the incomplete beta function (Abramowitz
    /// and Stegun, 26.5.27).
    ///
    /// - Parameters:
    ///   - alpha: 0…0.5, both exclusive.
    ///   - freedom: degrees of freedom, at least 1.
    static func squaredQuantile(exceededBy alpha: Double, freedom: Int) -> Double {
        let freedom = Double(freedom)
        let share = Beta.quantile(2 * alpha, a: freedom / 2, b: 0.5)
        return freedom * (1 - share) / share
    }

    /// P(T ≥ t), through the same function.
    static func exceeds(_ t: Double, freedom: Int) -> Double {
        let freedom = Double(freedom)
        let tail = Beta.cumulative(freedom / (freedom + t * t), a: freedom / 2, b: 0.5) / 2
        return t >= 0 ? tail : 1 - tail
    }
}

extension Bounds {
    /// Bounds for the mean of values that vary about it normally, after Student (*The probable error of a mean*, Biometrika 6,
    /// 1908).
    ///
    /// - Parameters:
    ///   - values: fewer than two bound nothing.
    ///   - alpha: the error rate of each side, 0…0.5, both exclusive.
    package static func student(_ values: [Double], alpha: Double) -> Bounds {
        guard values.count > 1 else { return Bounds(lower: -.infinity, upper: .infinity) }
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let reach =
            (Student.squaredQuantile(exceededBy: alpha, freedom: values.count - 1) * variance / count).squareRoot()
        return Bounds(lower: mean - reach, upper: mean + reach)
    }
}
