import FledgeDocument

/// What an experiment stage may use.
package struct StageBudget: Sendable {
    /// What was used.
    package struct Spent: Hashable, Sendable {
        package var calls: Int
        package var tokens: Int
        package var costMicroDollars: Int64

        package init(calls: Int, tokens: Int, costMicroDollars: Int64) {
            self.calls = calls
            self.tokens = tokens
            self.costMicroDollars = costMicroDollars
        }
    }

    let limits: BudgetDefinition?

    package init(_ limits: BudgetDefinition?) { self.limits = limits }

    package func isSpent(by spent: Spent) -> Bool {
        guard let limits else { return false }
        return spent.calls >= limits.calls ?? .max || spent.tokens >= limits.tokens ?? .max
            || spent.costMicroDollars >= limits.costMicroDollars ?? .max
    }

    /// How many more calls fit, at the average cost and length of the calls so far.
    package func remainingCalls(after spent: Spent) -> Int {
        guard let limits else { return .max }
        let byCalls = limits.calls.map { max(0, $0.saturatingDifference(spent.calls)) } ?? .max
        guard spent.calls > 0 else { return byCalls }
        let tokensPerCall = max(1, spent.tokens / spent.calls)
        let byTokens = limits.tokens.map { max(0, $0.saturatingDifference(spent.tokens)) / tokensPerCall } ?? .max
        let costPerCall = max(1, spent.costMicroDollars / Int64(clamping: spent.calls))
        let byCost =
            limits.costMicroDollars.map {
                Int(clamping: max(0, $0.saturatingDifference(spent.costMicroDollars)) / costPerCall)
            } ?? .max
        return min(byCalls, byTokens, spent.costMicroDollars > 0 ? byCost : .max)
    }
}
