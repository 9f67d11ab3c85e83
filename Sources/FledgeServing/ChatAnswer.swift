import FledgeCore
import FledgeEngine
import Foundation

/// The part of a chat completion's JSON that is used.
struct ChatAnswer: Decodable {
    struct Choice: Decodable {
        struct Message: Decodable { var content: String? }
        var message: Message
        var finishReason: String?
        var logprobs: LogProbabilities?
        enum CodingKeys: String, CodingKey { case message, logprobs, finishReason = "finish_reason" }
    }
    struct LogProbabilities: Decodable {
        struct Token: Decodable { var logprob: Double }
        var content: [Token]?
    }
    struct Usage: Decodable {
        struct Details: Decodable {
            var cachedTokens: Int?
            enum CodingKeys: String, CodingKey { case cachedTokens = "cached_tokens" }
        }
        var promptTokens: Int?
        var completionTokens: Int?
        var promptDetails: Details?
        enum CodingKeys: String, CodingKey {
            case promptTokens = "prompt_tokens"
            case completionTokens = "completion_tokens"
            case promptDetails = "prompt_tokens_details"
        }
    }
    var choices: [Choice]
    var usage: Usage?

    /// - Parameter isWrapped: whether the answer is the field of a JSON object.
    static func completion(from body: [UInt8], isWrapped: Bool, exchange: Duration) throws -> Completion {
        let read = ChatAnswerReader.read(body)
        guard let answer = read ?? (try? JSONDecoder().decode(ChatAnswer.self, from: Data(body))),
            let choice = answer.choices.first
        else {
            throw FledgeError(
                "model.bad_answer", "the server's answer is not a chat completion",
                hint: "Check that the address is the base of an OpenAI-compatible API, usually ending in /v1.",
                exitCode: .unavailable)
        }
        var text = choice.message.content ?? ""
        if isWrapped, let fields = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8)),
            let inner = fields["answer"]
        {
            text = inner
        }
        let (seconds, attoseconds) = exchange.components
        return Completion(
            text: text, finishReason: choice.finishReason ?? "stop", promptTokens: answer.usage?.promptTokens,
            cachedTokens: answer.usage?.promptDetails?.cachedTokens ?? 0,
            completionTokens: answer.usage?.completionTokens,
            latencyMicroseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000,
            logProbability: choice.logprobs?.content?.reduce(0) { $0 + $1.logprob })
    }
}
