/// How far a served adapter's log-probabilities may be from the trainer's.
///
/// A rounding changes the log-probability of a token in proportion to what its model leaves to other tokens: a token that is
/// all but certain stays so, one of several keeps its share less exactly. So what serving costs is measured on the base's
/// answers as a rate: nats of difference for each unit of probability that was left to others. The bar is that rate, times
/// what the tuned model leaves to others, times `factor`.
package enum LikelihoodBar {
    /// How many times the base's rate is allowed: an adapter rounds more than a base that has none.
    package static let factor = 2.0
    /// Differences of at most so many nats a token are never refused.
    package static let floor = 0.01
    /// A base that differs less counts as this: it may be computed alike to the last bit, and an adapter never is.
    package static let leastRate = 0.1
    /// A base that differs more counts as this: that is no rounding any more, but another model.
    package static let mostRate = 1.0
    /// The quantile of the standard normal distribution up to which the base's rate may be a measurement by chance: 99 %.
    package static let quantile = 2.326
    /// With fewer answers of the base there is no telling what serving costs.
    package static let leastAnswers = 4

    /// The base's rate as high as 99 measurements of a hundred may find it, by the spread over its answers (the ratio estimator's
    /// variance); nil where there are too few answers, or nothing is left to other tokens.
    ///
    /// - Parameter answers: of each, the differences of its tokens, and what is left to others at its tokens, both summed.
    static func rate(of answers: [(difference: Double, doubt: Double)]) -> Double? {
        let doubt = answers.reduce(0) { $0 + $1.doubt }
        guard answers.count >= leastAnswers, doubt > 0 else { return nil }
        let rate = answers.reduce(0) { $0 + $1.difference } / doubt
        let squares = answers.reduce(0) { $0 + ($1.difference - rate * $1.doubt) * ($1.difference - rate * $1.doubt) }
        let count = Double(answers.count)
        return rate + quantile * (count / (count - 1) * squares).squareRoot() / doubt
    }

    /// - Parameters:
    ///   - rate: the base's.
    ///   - doubt: what the tuned model leaves to other tokens, for a token of its answers.
    static func bar(rate: Double, doubt: Double) -> Double {
        max(floor, factor * min(max(rate, leastRate), mostRate) * doubt)
    }
}
