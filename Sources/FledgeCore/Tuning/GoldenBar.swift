/// How many golden prompts the served adapter has to answer as the trainer did.
///
/// Trainer and server count differently: other kernels, other widths, activations that are quantised or not. What that costs
/// is measured on the base model, which is asked the same prompts. The adapter fails where it agrees on so few that, if it
/// lost no more than the base does, it would happen with a probability below `alpha` (Fisher's exact test, one-sided).
package enum GoldenBar {
    /// How often an adapter that is served as it was trained is refused, at the most.
    package static let alpha = 0.01
    /// Below this share an adapter is refused whatever the base does: answers that are labels agree that often by chance.
    package static let floor = 0.5
    /// The rate that the base is presumed to agree at where the trainer did not ask it: an adapter fails where it is shown,
    /// with the same `alpha`, to agree less often (the binomial distribution).
    package static let presumedRate = 0.9

    /// The least number of agreeing answers that passes.
    ///
    /// - Parameters:
    ///   - prompts: above 0.
    ///   - base: on how many prompts the base's answers agree, and how many it was asked; nil where it was not asked.
    package static func least(of prompts: Int, base: (agreeing: Int, prompts: Int)?) -> Int {
        let floor = Int(saturating: (Self.floor * Double(prompts)).rounded(.up))
        var least = prompts
        while least > floor, probability(least - 1, of: prompts, base: base) >= alpha { least -= 1 }
        return least
    }

    private static func probability(_ agreeing: Int, of prompts: Int, base: (agreeing: Int, prompts: Int)?) -> Double {
        guard let base, base.prompts > 0 else { return Binomial.atMost(agreeing, of: prompts, rate: presumedRate) }
        return FisherExact.fewer(agreeing, of: prompts, than: base.agreeing, of: base.prompts)
    }
}
