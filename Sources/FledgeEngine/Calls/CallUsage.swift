import FledgeCore
import FledgeDocument

/// What a call used: as its server counted it, or the most that it can have used where the server did not say.
struct CallUsage: Hashable, Sendable {
    let promptTokens: Int
    let completionTokens: Int
    let costMicroDollars: Int64
    /// Whether any of it is not the server's word.
    let isPresumed: Bool

    init(_ completion: Completion, of request: CompletionRequest, price: TokenPrice?) {
        let most = CallEstimate(messages: request.messages, maxTokens: request.decoding.maxTokens, price: price)
        promptTokens = completion.promptTokens ?? most.promptTokens
        completionTokens = completion.completionTokens ?? most.completionTokens
        costMicroDollars = price?.cost(promptTokens: promptTokens, completionTokens: completionTokens) ?? 0
        isPresumed = completion.promptTokens == nil || completion.completionTokens == nil
    }
}
