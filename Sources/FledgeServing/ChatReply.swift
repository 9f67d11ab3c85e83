import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine

/// What came back under a status of success: an answer, or an error all the same.
enum ChatReply {
    case answer(ChatAnswer)
    case refusal(ServerWords)

    init(_ body: [UInt8]) {
        if let answer = ChatAnswerReader.read(body) {
            self = .answer(answer)
            return
        }
        var words = ServerWords(body, isAnswer: true)
        if !words.hasError, let json = LenientJSON.read(body), let answer = ChatAnswer(json) {
            guard AnswerEnd(answer.finishReason) == .failed else {
                self = .answer(answer)
                return
            }
            words.message = "the answer ended with \(answer.finishReason ?? "")"
            words.hasError = true
        }
        self = .refusal(words)
    }
}

/// How an answer ended, by the finish reasons that servers have for it.
enum AnswerEnd {
    case whole, cutOff, filtered, refused, failed

    init(_ reason: String?) {
        switch reason?.lowercased().filter({ $0 != "_" && $0 != "-" && $0 != " " }) {
        case "length", "maxtokens", "maxoutputtokens", "modellength", "modelcontextwindowexceeded", "tokenlimit":
            self = .cutOff
        case "contentfilter", "contentfiltered", "safety", "recitation", "blocklist", "prohibitedcontent", "spii",
            "sensitive", "guardrailintervened", "blocked", "imagesafety", "moderation":
            self = .filtered
        case "refusal", "refused": self = .refused
        case "error", "insufficientsystemresource", "networkerror", "abort", "aborted", "cancelled": self = .failed
        default: self = .whole
        }
    }
}

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
