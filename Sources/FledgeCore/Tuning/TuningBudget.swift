import FledgeDocument

/// What a sweep's trials may use together: trainer seconds, given as such or as money at an hourly price.
package struct TuningBudget: Hashable, Sendable {
    /// Infinite where the definition sets none.
    package let seconds: Double
    private let microDollarsPerHour: Int64?

    package init(_ sweep: SweepDefinition, costs: CostsDefinition?) {
        let price = costs?.perTrainingHourMicroDollars
        var byMoney = Double.infinity
        if let maximum = sweep.costMicroDollars, let price, price > 0 {
            byMoney = Double(maximum) / Double(price) * 3600
        }
        seconds = min(sweep.limitSeconds.map(Double.init) ?? .infinity, byMoney)
        microDollarsPerHour = price
    }

    /// What so much training costs; nil where the definition names no price.
    package func microDollars(for seconds: Double) -> Int64? {
        microDollarsPerHour.map { Int64(saturating: (seconds / 3600 * Double($0)).rounded()) }
    }
}
