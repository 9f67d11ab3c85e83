import Foundation

/// Fisher's exact test of two rates (R. A. Fisher, *Statistical Methods for Research Workers*, 5th edition, 1934, § 21.02).
package enum FisherExact {
    /// How often the first group would have so few hits, or fewer, if both groups hit at one rate: the lower tail of the
    /// hypergeometric distribution, given the hits of both together.
    ///
    /// - Parameters:
    ///   - hits: 0…trials.
    ///   - otherHits: 0…otherTrials.
    /// - Returns: 0…1; 1 where a group is empty; 0 for more other hits than other trials, which nothing can have.
    package static func fewer(_ hits: Int, of trials: Int, than otherHits: Int, of otherTrials: Int) -> Double {
        let all = hits + otherHits
        let least = max(0, all - otherTrials)
        guard hits >= least else { return 0 }
        let whole = logChoose(trials + otherTrials, all)
        let tail = (least...hits).reduce(0.0) { sum, count in
            sum + exp(logChoose(trials, count) + logChoose(otherTrials, all - count) - whole)
        }
        return min(1, tail)
    }

    private static func logChoose(_ of: Int, _ taken: Int) -> Double {
        lgamma(Double(of + 1)) - lgamma(Double(taken + 1)) - lgamma(Double(of - taken + 1))
    }
}
