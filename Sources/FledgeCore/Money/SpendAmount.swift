import FledgeDocument

/// Calls, tokens and money: what is capped, set aside, and paid.
package struct SpendAmount: Codable, Hashable, Sendable {
    package var calls: Int64
    package var tokens: Int64
    package var costMicroDollars: Int64

    package static let zero = SpendAmount(calls: 0, tokens: 0, costMicroDollars: 0)

    package init(calls: Int64, tokens: Int64, costMicroDollars: Int64) {
        self.calls = calls
        self.tokens = tokens
        self.costMicroDollars = costMicroDollars
    }

    /// The most that one call can use.
    package init(_ estimate: CallEstimate) {
        self.init(calls: 1, tokens: Int64(clamping: estimate.tokens), costMicroDollars: estimate.costMicroDollars)
    }

    /// One call as it was answered; its cost is rounded up.
    package init(promptTokens: Int, completionTokens: Int, price: TokenPrice?) {
        self.init(
            calls: 1, tokens: Int64(clamping: promptTokens.saturatingSum(completionTokens)),
            costMicroDollars: price?.cost(promptTokens: promptTokens, completionTokens: completionTokens) ?? 0)
    }

    /// Amounts are in part the word of servers: what is more than fits counts as the most that does.
    package static func + (left: SpendAmount, right: SpendAmount) -> SpendAmount {
        SpendAmount(
            calls: left.calls.saturatingSum(right.calls), tokens: left.tokens.saturatingSum(right.tokens),
            costMicroDollars: left.costMicroDollars.saturatingSum(right.costMicroDollars))
    }

    package static func - (left: SpendAmount, right: SpendAmount) -> SpendAmount {
        SpendAmount(
            calls: left.calls.saturatingDifference(right.calls), tokens: left.tokens.saturatingDifference(right.tokens),
            costMicroDollars: left.costMicroDollars.saturatingDifference(right.costMicroDollars))
    }

    package static func * (amount: SpendAmount, count: Int64) -> SpendAmount {
        SpendAmount(
            calls: amount.calls.saturatingProduct(count), tokens: amount.tokens.saturatingProduct(count),
            costMicroDollars: amount.costMicroDollars.saturatingProduct(count))
    }

    package static func += (left: inout SpendAmount, right: SpendAmount) { left = left + right }

    /// Whether the other fits into this one in every respect.
    package func covers(_ other: SpendAmount) -> Bool {
        calls >= other.calls && tokens >= other.tokens && costMicroDollars >= other.costMicroDollars
    }
}

/// The bounds of a period; what is nil is not bounded.
package struct SpendCap: Codable, Hashable, Sendable {
    package var calls: Int64?
    package var tokens: Int64?
    package var costMicroDollars: Int64?

    package init(calls: Int64?, tokens: Int64?, costMicroDollars: Int64?) {
        self.calls = calls
        self.tokens = tokens
        self.costMicroDollars = costMicroDollars
    }

    package init(_ spend: SpendDefinition) {
        self.init(
            calls: spend.calls.map { Int64(clamping: $0) }, tokens: spend.tokens.map { Int64(clamping: $0) },
            costMicroDollars: spend.costMicroDollars)
    }
}
