import FledgeCore

/// The part of a chat completion that is used.
package struct ChatAnswer: Equatable {
    package var content: String
    /// What the server said; nil where it said nothing.
    var finishReason: String?
    /// Whether the model declined in the field that the API has for that.
    var isRefusal = false
    /// Whether the server sent the model's reasoning in a field of its own.
    var hasReasoning = false
    package var promptTokens: Int?
    var completionTokens: Int?
    var cachedTokens: Int?
    /// The sum over the answer's tokens; nil where one of them can't be read, or the sum is no number.
    var logProbability: Double?

    /// Nil for JSON that holds no answer.
    ///
    /// What isn't used may be of any kind, and what can't be read of the tokens and their probabilities is unknown.
    init?(_ body: JSONValue) {
        guard let choice = body["choices"]?.elements?.first else { return nil }
        let message = choice["message"]
        guard message != nil || choice["text"] != nil else { return nil }
        let parts = ContentParts(message?["content"] ?? choice["text"])
        content = parts.text
        finishReason = choice["finish_reason"]?.text
        isRefusal = parts.isRefusal || message?["refusal"]?.text?.isEmpty == false
        hasReasoning =
            parts.hasReasoning
            || ["reasoning_content", "reasoning", "thinking", "reasoning_details"].contains {
                message?[$0].map { $0 != .text("") && $0 != .array([]) } ?? false
            }
        readUsage(body["usage"])
        logProbability = Self.logProbability(choice["logprobs"])
    }

    /// What came back under a status of success: an answer, or an error all the same.
    static func read(_ body: [UInt8]) -> Result<ChatAnswer, ServerWords> {
        if let answer = ChatAnswerReader.read(body) { return .success(answer) }
        var words = ServerWords(body, isAnswer: true)
        if !words.hasError, let json = LenientJSON.read(body), let answer = ChatAnswer(json) {
            guard AnswerEnd(answer.finishReason) == .failed else { return .success(answer) }
            words.message = "the answer ended with \(answer.finishReason ?? "")"
            words.hasError = true
        }
        return .failure(words)
    }

    init(content: String, finishReason: String?) {
        self.content = content
        self.finishReason = finishReason
    }

    /// Counts under OpenAI's names, or under those of its newer API; one of two that is missing is the total's rest.
    private mutating func readUsage(_ usage: JSONValue?) {
        guard let usage else { return }
        func count(_ names: String...) -> Int? {
            for name in names { if let value = usage[name] { return value.count.flatMap { $0 < 0 ? nil : $0 } } }
            return nil
        }
        promptTokens = count("prompt_tokens", "input_tokens")
        completionTokens = count("completion_tokens", "output_tokens")
        if let total = count("total_tokens") {
            if promptTokens == nil, let completionTokens, completionTokens <= total {
                promptTokens = total - completionTokens
            } else if completionTokens == nil, let promptTokens, promptTokens <= total {
                completionTokens = total - promptTokens
            }
        }
        cachedTokens = usage["prompt_tokens_details"]?["cached_tokens"]?.count
    }

    private static func logProbability(_ value: JSONValue?) -> Double? {
        guard let tokens = value?["content"]?.elements, !tokens.isEmpty else { return nil }
        var sum = 0.0
        for token in tokens {
            switch token["logprob"] {
            case .number(let value)? where value.isFinite: sum += value
            case .whole(let value)?: sum += Double(value)
            default: return nil
            }
        }
        // Finite ones may come to more than a number holds.
        return sum.isFinite ? sum : nil
    }
}

/// A message's content, which is a text or a list of parts.
private struct ContentParts {
    var text = ""
    var isRefusal = false
    var hasReasoning = false

    init(_ content: JSONValue?) {
        switch content {
        case nil, .null?: break
        case .text(let whole)?: text = whole
        case .whole(let number)?: text = "\(number)"
        case .number(let number)?: text = "\(number)"
        case .bool(let flag)?: text = "\(flag)"
        case .array(let parts)?: for part in parts { add(part) }
        case .object(let members)?: add(.object(members))
        }
    }

    private mutating func add(_ part: JSONValue) {
        if let whole = part.text {
            text += whole
            return
        }
        switch part["type"]?.text {
        case "thinking", "reasoning", "redacted_thinking": hasReasoning = true
        case "refusal": isRefusal = true
        default: text += part["text"]?.text ?? part["text"]?["value"]?.text ?? ""
        }
    }
}
