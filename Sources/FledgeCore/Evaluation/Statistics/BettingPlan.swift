import Foundation

/// When the bounds of a betting confidence sequence are to be tightest.
package enum BettingHorizon: Hashable, Sendable {
    /// Whenever one looks: λ² = 2 ln(1/α) / (σ̂² t ln(1 + t)).
    case anytime
    /// After so many values: λ² = 2 ln(1/α) / (σ̂² n). Tighter there, and still valid at every other moment.
    case fixed(Int)
}

/// How much a gambler stakes on the next value: the predictable plug-in of Waudby-Smith and Ramdas, "Estimating means of
/// bounded random variables by betting" (JRSS B 86, 2024), §4.2, from the values seen so far alone.
///
/// The stakes only decide how fast the bounds tighten: any stake that is fixed before the value is seen keeps them valid.
struct BettingPlan: Sendable {
    /// A stake never risks more than this share of the capital, so that one value can never ruin the gambler.
    static let cap = 0.5

    private let doubleLog: Double
    private let horizon: BettingHorizon
    private var count = 0.0
    /// Of the values seen, with half an observation of 1/2 before them: μ̂ and σ̂² of the paper's equation (24).
    private var sum = 0.5
    private var squares = 0.25

    init(alpha: Double, horizon: BettingHorizon) {
        doubleLog = 2 * log(1 / alpha)
        self.horizon = horizon
    }

    /// The stake on the next value, before it is limited to the share of the capital that may be risked.
    var stake: Double {
        let variance = squares / (count + 1)
        let time =
            switch horizon {
            case .anytime: (count + 1) * log(count + 2)
            case .fixed(let total): Double(max(total, 1))
            }
        return (doubleLog / (variance * time)).squareRoot()
    }

    mutating func see(_ value: Double) {
        count += 1
        sum += value
        let distance = value - sum / (count + 1)
        squares += distance * distance
    }
}
