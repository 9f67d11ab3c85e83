import Foundation

/// The binomial distribution.
package enum Binomial {
    /// P(X ≤ k) of n trials that each hit with probability p, as an incomplete beta function (Abramowitz and Stegun,
    /// 26.5.24).
    package static func atMost(_ hits: Int, of trials: Int, rate: Double) -> Double {
        if hits < 0 { return 0 }
        if hits >= trials { return 1 }
        return Beta.cumulative(1 - rate, a: Double(trials - hits), b: Double(hits + 1))
    }
}

extension Bounds {
    /// Bounds for a rate whose trials come in groups that resemble each other, after Korn and Graubard (*Survey Methodology*
    /// 24, 1998): Clopper and Pearson's with the effective number of trials, which is trials over the design effect, less
    /// what few groups leave unsure of that (their ratio of squared t quantiles). With a trial a group they are Clopper and
    /// Pearson's own.
    ///
    /// Approximate: in simulations with five to forty groups of five, the lower one was wrong in up to 0.062 at α = 0.05;
    /// without the ratio, and with groups that are all right taken for independent trials, in up to 0.19.
    ///
    /// - Parameter groups: hits and trials of each group.
    package static func clopperPearson(groups: [(hits: Int, trials: Int)], alpha: Double) -> Bounds {
        let hits = groups.reduce(0) { $0 + $1.hits }
        let trials = groups.reduce(0) { $0 + $1.trials }
        guard groups.count < trials else { return clopperPearson(successes: hits, trials: trials, alpha: alpha) }
        // One group says nothing of the next one. Groups that are all right, or all wrong, show no spread: each of them
        // may be worth a single trial.
        guard groups.count > 1 else { return Bounds(lower: 0, upper: 1) }
        if hits == 0 || hits == trials {
            return clopperPearson(successes: hits == 0 ? 0 : groups.count, trials: groups.count, alpha: alpha)
        }
        let effect = designEffect(groups: groups, hits: hits, trials: trials)
        let unsure =
            Student.squaredQuantile(exceededBy: alpha, freedom: trials - 1)
            / Student.squaredQuantile(exceededBy: alpha, freedom: groups.count - 1)
        let effective = Double(trials) / effect * unsure
        let successes = effective * Double(hits) / Double(trials)
        return Bounds(
            lower: Beta.quantile(alpha, a: successes, b: effective - successes + 1),
            upper: Beta.quantile(1 - alpha, a: successes + 1, b: effective - successes))
    }

    /// How many times the variance of the rate over groups is that of as many independent trials (Kish 1965), at least 1.
    ///
    /// - Parameter groups: at least two; neither all hits nor none.
    private static func designEffect(groups: [(hits: Int, trials: Int)], hits: Int, trials: Int) -> Double {
        let rate = Double(hits) / Double(trials)
        let (count, total) = (Double(groups.count), Double(trials))
        let between = groups.reduce(0.0) { sum, group in
            let residual = Double(group.hits) - rate * Double(group.trials)
            return sum + residual * residual
        }
        let variance = count / (count - 1) * between / (total * total)
        return max(1, variance / (rate * (1 - rate) / total))
    }
}
