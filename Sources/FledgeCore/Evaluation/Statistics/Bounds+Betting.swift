extension Bounds {
    /// Bounds for the mean of values in a known range, by betting (Waudby-Smith and Ramdas, JRSS B 86, 2024): valid for
    /// every sample size and every distribution, and about as tight as those that trust the normal distribution.
    ///
    /// A gambler bets against each possible mean m; the capital K(m) = Π (1 + λᵢ (xᵢ − m)) cannot grow at the true mean, so
    /// that by Ville's inequality the chance that it ever reaches 1/α there is at most α. What reaches it after any value is
    /// ruled out for good, each side with its own α (theorem 3, the hedged capital process in its `max` form). Each bound is
    /// found by bisection to 2⁻⁴⁰ of the range, which the capital's monotony in the mean allows. The values' order matters a
    /// little, so it must not depend on the values.
    ///
    /// - Parameters:
    ///   - alpha: the error rate of each side.
    ///   - horizon: `.fixed(values.count)` unless said, for values that are all there.
    package static func betting(
        _ values: [Double], range: ClosedRange<Double> = 0...1, alpha: Double, horizon: BettingHorizon? = nil
    ) -> Bounds {
        guard !values.isEmpty else { return Bounds(lower: range.lowerBound, upper: range.upperBound) }
        let width = range.upperBound - range.lowerBound
        let units = values.map { (min(max($0, range.lowerBound), range.upperBound) - range.lowerBound) / width }
        var plan = BettingPlan(alpha: alpha, horizon: horizon ?? .fixed(values.count))
        let stakes = units.map { unit in
            let stake = plan.stake
            plan.see(unit)
            return stake
        }
        let lower = limit(units, stakes, alpha: alpha)
        let upper = 1 - limit(units.map { 1 - $0 }, stakes, alpha: alpha)
        return Bounds(lower: range.lowerBound + lower * width, upper: range.lowerBound + upper * width)
    }

    /// The largest mean, rounded down, that bets on a higher one rule out.
    private static func limit(_ units: [Double], _ stakes: [Double], alpha: Double) -> Double {
        func isRuledOut(_ mean: Double) -> Bool {
            var capital = 1.0
            let ruin = 1 / alpha
            let most = BettingPlan.cap / mean
            for index in units.indices {
                capital *= 1 + min(stakes[index], most) * (units[index] - mean)
                if capital >= ruin { return true }
            }
            return false
        }
        guard isRuledOut(0) else { return 0 }
        var low = 0.0
        var high = 1.0
        for _ in 0..<40 {
            let middle = (low + high) / 2
            if isRuledOut(middle) { low = middle } else { high = middle }
        }
        return low
    }
}
