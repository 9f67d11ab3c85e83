import FledgeCore

/// A model's answer.
package struct Completion: Hashable, Sendable {
    package var text: String
    /// `stop`, `length`, or what the server said.
    package var finishReason: String
    /// Nil where the server didn't say: a prompt is never without tokens, so 0 says nothing either.
    package private(set) var promptTokens: Int?
    package var cachedTokens: Int
    /// Nil where the server didn't say: 0 for an answer with text says nothing either.
    package private(set) var completionTokens: Int?
    /// From the request's first byte sent to the last byte received, without waiting for a place or for a retry.
    package var latencyMicroseconds: Int64
    /// The natural logarithm of the answer's probability, where it was asked for and the server says it.
    package var logProbability: Double?
    /// Why there is no answer, or no whole one; nil for an answer that is whole.
    package var shortfall: AnswerShortfall?
    /// True where the text begins with a model's reasoning in tags, and the definition doesn't say what becomes of it.
    package var hasReasoningTags: Bool?

    package init(
        text: String, finishReason: String, promptTokens: Int?, cachedTokens: Int, completionTokens: Int?,
        latencyMicroseconds: Int64, logProbability: Double? = nil, shortfall: AnswerShortfall? = nil,
        hasReasoningTags: Bool? = nil
    ) {
        self.text = text
        self.finishReason = finishReason
        self.promptTokens = Self.plausible(promptTokens).flatMap { $0 == 0 ? nil : $0 }
        self.cachedTokens = Self.plausible(cachedTokens) ?? 0
        let saysNothing = self.promptTokens == nil || !text.isEmpty
        self.completionTokens = Self.plausible(completionTokens).flatMap { $0 == 0 && saysNothing ? nil : $0 }
        self.latencyMicroseconds = latencyMicroseconds
        self.logProbability = logProbability
        self.shortfall = shortfall
        self.hasReasoningTags = hasReasoningTags
    }

    /// Why what came is short of an answer; nil for a whole one.
    package var missing: AnswerShortfall? { shortfall ?? (hasReasoningTags == true ? .reasoningTags : nil) }

    /// Whether the answer's tokens are unknown where 0 of them would be a count: that has to be said when it is written down.
    package var isCountUnsaid: Bool { completionTokens == nil && promptTokens != nil && text.isEmpty }

    /// Whether it may be kept, and given again to the same question.
    package var isWhole: Bool { missing == nil }

    /// Counts are a server's word. No call has a billion tokens: a server that says so, or less than none, says nothing. Two
    /// such counts and their sum fit into the 31 bits that the database keeps.
    private static func plausible(_ tokens: Int?) -> Int? {
        tokens.flatMap { (0...1_000_000_000).contains($0) ? $0 : nil }
    }
}

extension Completion: Codable {
    private enum Key: String, CodingKey {
        case text, finishReason, promptTokens, cachedTokens, completionTokens, latencyMicroseconds, logProbability
        case shortfall, hasReasoningTags, isCountUnsaid
    }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        self.init(
            text: try box.decode(String.self, forKey: .text),
            finishReason: try box.decode(String.self, forKey: .finishReason),
            promptTokens: try box.decodeIfPresent(Int.self, forKey: .promptTokens),
            cachedTokens: try box.decode(Int.self, forKey: .cachedTokens),
            completionTokens: try box.decodeIfPresent(Bool.self, forKey: .isCountUnsaid) == true
                ? nil : try box.decodeIfPresent(Int.self, forKey: .completionTokens),
            latencyMicroseconds: try box.decode(Int64.self, forKey: .latencyMicroseconds),
            logProbability: try box.decodeIfPresent(Double.self, forKey: .logProbability),
            shortfall: try box.decodeIfPresent(AnswerShortfall.self, forKey: .shortfall),
            hasReasoningTags: try box.decodeIfPresent(Bool.self, forKey: .hasReasoningTags))
    }

    /// Unknown counts are written as 0, which reads back as unknown, or is said to be: the version before reads no answer
    /// without them.
    package func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Key.self)
        try box.encode(text, forKey: .text)
        try box.encode(finishReason, forKey: .finishReason)
        try box.encode(promptTokens ?? 0, forKey: .promptTokens)
        try box.encode(cachedTokens, forKey: .cachedTokens)
        try box.encode(completionTokens ?? 0, forKey: .completionTokens)
        if isCountUnsaid { try box.encode(true, forKey: .isCountUnsaid) }
        try box.encode(latencyMicroseconds, forKey: .latencyMicroseconds)
        try box.encodeIfPresent(logProbability, forKey: .logProbability)
        try box.encodeIfPresent(shortfall, forKey: .shortfall)
        try box.encodeIfPresent(hasReasoningTags, forKey: .hasReasoningTags)
    }
}
