import FledgeDocument

/// The most that a call can use, known before it is made: what is reserved of a budget, and settled by what was used.
package struct CallEstimate: Hashable, Sendable {
    package var promptTokens: Int
    package var completionTokens: Int
    package var costMicroDollars: Int64

    package var tokens: Int { promptTokens.saturatingSum(completionTokens) }

    package init(tokens: Int, costMicroDollars: Int64) {
        promptTokens = tokens
        completionTokens = 0
        self.costMicroDollars = costMicroDollars
    }

    /// A token stands for one byte of text or more, and a chat template adds a few to each message.
    package init(messages: [ChatMessage], maxTokens: Int, price: TokenPrice?) {
        promptTokens = messages.reduce(Self.templateTokens) { $0 + $1.content.utf8.count + Self.templateTokens }
        completionTokens = maxTokens
        costMicroDollars = price?.cost(promptTokens: promptTokens, completionTokens: maxTokens) ?? 0
    }

    private static let templateTokens = 16
}

extension StageBudget {
    /// How many of these calls, from the first on, may be in flight together: even if each uses all that it may, no limit is
    /// passed.
    package func admitted(_ calls: [CallEstimate], after spent: Spent) -> Int {
        guard let limits else { return calls.count }
        var left = spent
        for (index, call) in calls.enumerated() {
            left.calls += 1
            left.tokens = left.tokens.saturatingSum(call.tokens)
            left.costMicroDollars = left.costMicroDollars.saturatingSum(call.costMicroDollars)
            if left.calls > limits.calls ?? .max || left.tokens > limits.tokens ?? .max
                || left.costMicroDollars > limits.costMicroDollars ?? .max
            {
                return index
            }
        }
        return calls.count
    }
}
