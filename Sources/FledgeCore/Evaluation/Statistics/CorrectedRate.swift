/// A rate that an imperfect judge measured, corrected for the judge's errors.
///
/// The estimate is Rogan and Gladen's (American Journal of Epidemiology 107, 1978, eq. 1):
/// π = (p + Sp − 1) / (Se + Sp − 1), with the share p that the judge passed, its sensitivity Se and specificity Sp.
///
/// The bounds carry the uncertainty of all three. They hold every π₀ that the data do not reject, where
/// p − π₀·Se − (1 − π₀)·(1 − Sp) is compared with zero (so that no ratio is taken, as in Fieller, JRSS B 16, 1954) and
/// its confidence limits are put together from the exact binomial limits of its three parts (Zou and Donner, Statistics in
/// Medicine 27, 2008, eq. 3: recovered variances). Lang and Reiczigel's interval (Preventive Veterinary Medicine 113,
/// 2014) was tried first: in simulations at α = 0.05 over 612 settings (50 to 300 labels) one side of it was wrong in up to
/// 0.085. This one was wrong in 0.036 on average and above 0.05 in 3 settings a side, by less than 0.01, all with hardly
/// ten labels of the rarer kind: the coverage is approximate there.
package struct CorrectedRate: Codable, Hashable, Sendable {
    /// The judge's own share, uncorrected, 0…1.
    package var raw: Double
    /// 0…1.
    package var value: Double
    /// One-sided bounds, each wrong with probability at most α.
    package var lower: Double
    package var upper: Double
    /// False where no rate explains the judge's share: its errors on these answers are not those of the labelled ones.
    package var fits: Bool

    /// - Parameters:
    ///   - passes: answers that the judge passed, 0…count.
    ///   - count: at least 1.
    ///   - matrix: the judge against people's labels, with both kinds of labels.
    ///   - alpha: the error rate of each side, 0…0.5.
    /// - Returns: nil where the labels do not let anything be said: none of one kind, or Se + Sp ≤ 1.
    package init?(passes: Int, of count: Int, matrix: ConfusionMatrix, alpha: Double) {
        guard count > 0, let sensitivity = matrix.sensitivity, let specificity = matrix.specificity,
            sensitivity + specificity > 1
        else { return nil }
        let share = Double(passes) / Double(count)
        raw = share
        let estimate = (share + specificity - 1) / (sensitivity + specificity - 1)
        value = min(1, max(0, estimate))

        let falsePassRate = 1 - specificity
        let shareBounds = Bounds.clopperPearson(successes: passes, trials: count, alpha: alpha)
        let sensitivityBounds = matrix.sensitivityBounds(alpha: alpha)
        let falseBounds = Bounds.clopperPearson(successes: matrix.falsePasses, trials: matrix.fails, alpha: alpha)

        func square(_ x: Double) -> Double { x * x }
        func difference(_ rate: Double) -> Double { share - rate * sensitivity - (1 - rate) * falsePassRate }
        // Too low a rate: the judge's share is significantly above what it would give.
        func isTooLow(_ rate: Double) -> Bool {
            let reach =
                square(share - shareBounds.lower) + square(rate * (sensitivityBounds.upper - sensitivity))
                + square((1 - rate) * (falseBounds.upper - falsePassRate))
            return difference(rate) > reach.squareRoot()
        }
        func isTooHigh(_ rate: Double) -> Bool {
            let reach =
                square(shareBounds.upper - share) + square(rate * (sensitivity - sensitivityBounds.lower))
                + square((1 - rate) * (falsePassRate - falseBounds.lower))
            return -difference(rate) > reach.squareRoot()
        }
        fits = !isTooLow(1) && !isTooHigh(0)
        lower = isTooLow(1) ? 1 : Self.edge(from: 0, to: value, isOutside: isTooLow)
        upper = isTooHigh(0) ? 0 : Self.edge(from: 1, to: value, isOutside: isTooHigh)
    }

    /// Where rejection ends between a far end and the estimate.
    private static func edge(from end: Double, to estimate: Double, isOutside: (Double) -> Bool) -> Double {
        guard isOutside(end) else { return end }
        var outside = end
        var inside = estimate
        for _ in 0..<60 {
            let middle = (outside + inside) / 2
            if isOutside(middle) { outside = middle } else { inside = middle }
        }
        return (outside + inside) / 2
    }
}
