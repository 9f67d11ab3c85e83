import FledgeCore
import FledgeDocument

/// What an answer used, as it is counted: the server's word, or the most that its request can have used where the server
/// did not say (``CallEstimate``).
extension Completion {
    /// Whether all of it is the server's word.
    var isUsageSaid: Bool { promptTokens != nil && completionTokens != nil }

    func promptTokens(of request: CompletionRequest) -> Int {
        promptTokens ?? Self.most(of: request).promptTokens
    }

    func completionTokens(of request: CompletionRequest) -> Int {
        completionTokens ?? Self.most(of: request).completionTokens
    }

    /// In micro-dollars; 0 without a price.
    func cost(of request: CompletionRequest, at price: TokenPrice?) -> Int64 {
        price?.cost(promptTokens: promptTokens(of: request), completionTokens: completionTokens(of: request)) ?? 0
    }

    private static func most(of request: CompletionRequest) -> CallEstimate {
        CallEstimate(messages: request.messages, maxTokens: request.decoding.maxTokens, price: nil)
    }
}
