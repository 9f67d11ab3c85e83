import FledgeCore
import FledgeDocument
import FledgeEngine

extension Completion {
    /// An answer to a request, with what is missing of it.
    ///
    /// - Parameter isWrapped: whether the answer is the field of a JSON object.
    init(_ answer: ChatAnswer, to request: CompletionRequest, isWrapped: Bool, exchange: Duration) {
        let tags = ReasoningTags(answer.content)
        let isStripped = tags != nil && request.decoding.reasoning == .strip
        var text = isStripped ? tags?.answer ?? "" : answer.content
        var (isWhole, isReadable) = (false, true)
        if isWrapped, let choices = request.choices {
            let reading = WrappedReply.choice(in: text, choices: choices)
            isReadable = reading.isReadable
            // Nothing is no answer, in an object either.
            isWhole = isReadable && reading.answer != text && !reading.answer.allSatisfy(\.isWhitespace)
            text = reading.answer
        }
        // A choice that took all tokens is still that choice.
        if let choices = request.choices, choices.contains(text) { isWhole = true }
        let (seconds, attoseconds) = exchange.components
        self.init(
            text: text, finishReason: answer.finishReason ?? "stop", promptTokens: answer.promptTokens,
            cachedTokens: answer.cachedTokens ?? 0, completionTokens: answer.completionTokens,
            latencyMicroseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000,
            // That of the reasoning is in it too.
            logProbability: isStripped ? nil : answer.logProbability,
            shortfall: isWhole
                ? nil
                : Self.shortfall(of: text, in: answer, isStripped: isStripped) ?? (isReadable ? nil : .unreadable),
            hasReasoningTags: tags != nil && !isStripped ? true : nil)
    }

    private static func shortfall(of text: String, in answer: ChatAnswer, isStripped: Bool) -> AnswerShortfall? {
        let isEmpty = text.allSatisfy(\.isWhitespace)
        switch AnswerEnd(answer.finishReason) {
        case .cutOff: return .cutOff
        case .filtered: return .filtered
        case .refused: return .refused
        case .whole, .failed:
            guard isEmpty else { return nil }
            if answer.isRefusal { return .refused }
            return answer.hasReasoning || isStripped ? .reasoningOnly : .empty
        }
    }
}
