/// How many holdout rows a criterion on a rate needs, exactly: from the binomial distribution, without a normal
/// approximation.
///
/// A candidate passes `n` rows with `k` right answers where the exact (Clopper–Pearson) lower bound at `alpha` lies above
/// the bar, which is where as many or more would come by chance with a probability of at most `alpha` at the bar.
package enum HoldoutPower {
    /// The least number of rows from which on a candidate that is truly right with the rate `truth` passes with a
    /// probability of at least `power`.
    ///
    /// The probability rises in a sawtooth: fewer rows may do by chance, and one more may then do worse.
    ///
    /// - Parameters:
    ///   - bar: 0…1 exclusive; `truth` above it.
    ///   - alpha: the error rate that the look spends, 0…1 exclusive.
    /// - Returns: nil where more than `limit` rows are needed.
    package static func rows(
        bar: Double, truth: Double, alpha: Double, power: Double = 0.8, limit: Int = 20_000
    ) -> Int? {
        guard bar > 0, bar < 1, truth > bar, alpha > 0, alpha < 1 else { return nil }
        var right = 0
        var first: Int?
        var lastMiss = 0
        var rows = 1
        while rows <= limit {
            // Right answers that are needed grow by at most one a row.
            while right <= rows, 1 - Binomial.atMost(right - 1, of: rows, rate: bar) > alpha { right += 1 }
            let passes = right <= rows ? 1 - Binomial.atMost(right - 1, of: rows, rate: min(truth, 1)) : 0
            if passes >= power { first = first ?? rows } else { lastMiss = rows }
            if let first, rows > first + first / 4 + 50 { return lastMiss + 1 }
            rows += 1
        }
        return nil
    }

    /// The rows with which a candidate passes if every single answer is right.
    package static func rowsIfAllRight(bar: Double, alpha: Double) -> Int? {
        rows(bar: bar, truth: 1, alpha: alpha)
    }
}
