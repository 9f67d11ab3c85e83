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
}
