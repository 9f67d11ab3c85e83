/// A confidence sequence for the mean of bounded values: bounds that may be looked at after every value, as often as one
/// likes, and that are all true together with the stated confidence.
///
/// A gambler bets against each possible mean m; the capital K(m) = Π (1 + λᵢ (xᵢ − m)) cannot grow at the true mean, so
/// that by Ville's inequality the chance that it ever reaches 1/α there is at most α. What reaches it is ruled out, for
/// good (the running intersection). Waudby-Smith and Ramdas, JRSS B 86 (2024), theorem 3: the hedged capital process in
/// its `max` form, each side with its own α.
///
/// Possible means are kept on a grid. The capital falls with m for bets on a higher mean, so the means that are ruled out
/// from below are always the grid's first ones, and only the ones still possible cost time: a million values take well
/// under a second. Bounds are rounded outwards to the grid.
package struct BettingSequence: Sendable {
    /// The error rate of each side.
    package let alpha: Double
    package private(set) var count = 0
    private let range: ClosedRange<Double>
    private let resolution: Int
    private var plan: BettingPlan
    private var total = 0.0
    /// Grid points firstOpen...lastOpen are still possible; `risen` and `fallen` hold their capital, from bets on a higher
    /// and on a lower mean.
    private var firstOpen = 0
    private var lastOpen: Int
    private var risen: [Double]
    private var fallen: [Double]

    /// - Parameters:
    ///   - alpha: the error rate of each side, 0…0.5 exclusive: both together cover with 1 − 2α.
    ///   - range: where every value lies; −1…1 for paired differences of scores.
    ///   - resolution: grid steps over the range; the bounds' rounding is a step at the most.
    ///   - horizon: when the bounds are to be tightest.
    package init(
        alpha: Double, range: ClosedRange<Double> = 0...1, resolution: Int = 1000, horizon: BettingHorizon = .anytime
    ) {
        self.alpha = alpha
        self.range = range
        self.resolution = resolution
        plan = BettingPlan(alpha: alpha, horizon: horizon)
        lastOpen = resolution
        risen = Array(repeating: 1, count: resolution + 1)
        fallen = risen
    }

    /// The mean of the values so far; nil before the first.
    package var mean: Double? { count == 0 ? nil : total / Double(count) }

    /// Each side is wrong, ever, with probability at most `alpha`.
    package var bounds: Bounds {
        guard firstOpen <= lastOpen else {
            // Both sides ruled out everything, as happens with probability α at the most: the value between them.
            let point = scaled(Double(firstOpen) / Double(resolution))
            return Bounds(lower: point, upper: point)
        }
        return Bounds(
            lower: firstOpen == 0 ? range.lowerBound : scaled(Double(firstOpen - 1) / Double(resolution)),
            upper: lastOpen == resolution ? range.upperBound : scaled(Double(lastOpen + 1) / Double(resolution)))
    }

    /// Takes the next value; one outside the range counts as the range's end.
    package mutating func add(_ value: Double) {
        let held = min(max(value, range.lowerBound), range.upperBound)
        count += 1
        total += held
        let unit = (held - range.lowerBound) / (range.upperBound - range.lowerBound)
        let stake = plan.stake
        plan.see(unit)
        guard firstOpen <= lastOpen else { return }
        let step = 1 / Double(resolution)
        for index in firstOpen...lastOpen {
            let mean = Double(index) * step
            let distance = unit - mean
            risen[index] *= 1 + min(stake, BettingPlan.cap / mean) * distance
            fallen[index] *= 1 - min(stake, BettingPlan.cap / (1 - mean)) * distance
        }
        let ruin = 1 / alpha
        while firstOpen <= lastOpen, risen[firstOpen] >= ruin { firstOpen += 1 }
        while lastOpen >= firstOpen, fallen[lastOpen] >= ruin { lastOpen -= 1 }
    }

    private func scaled(_ unit: Double) -> Double {
        range.lowerBound + unit * (range.upperBound - range.lowerBound)
    }
}
