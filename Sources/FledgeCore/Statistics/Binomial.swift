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

    /// P(X = k).
    package static func exactly(_ hits: Int, of trials: Int, rate: Double) -> Double {
        guard (0...trials).contains(hits) else { return 0 }
        if rate <= 0 { return hits == 0 ? 1 : 0 }
        if rate >= 1 { return hits == trials ? 1 : 0 }
        let (n, k) = (Double(trials), Double(hits))
        let logWays = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
        let logOdds = k * log(rate) + (n - k) * log1p(-rate)
        return exp(logWays + logOdds)
    }
}

extension Bounds {
    /// Mid-p bounds for a rate (Lancaster, Biometrika 48, 1949): the exact bounds with half of the observed outcome's
    /// probability, so that the error rate is α on average over outcomes and not at most α for each of them. Shorter than
    /// the exact ones; a gate that promises an error rate takes the exact ones.
    package static func midP(successes: Int, trials: Int, alpha: Double) -> Bounds {
        guard trials > 0 else { return Bounds(lower: 0, upper: 1) }
        /// P(X > k) + P(X = k) / 2, which grows with the rate.
        func above(_ rate: Double) -> Double {
            1 - Binomial.atMost(successes, of: trials, rate: rate)
                + Binomial.exactly(successes, of: trials, rate: rate) / 2
        }
        func rate(where probability: Double) -> Double {
            var (low, high) = (0.0, 1.0)
            for _ in 0..<60 {
                let middle = (low + high) / 2
                if above(middle) < probability { low = middle } else { high = middle }
            }
            return (low + high) / 2
        }
        return Bounds(
            lower: successes == 0 ? 0 : rate(where: alpha), upper: successes == trials ? 1 : rate(where: 1 - alpha))
    }

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
