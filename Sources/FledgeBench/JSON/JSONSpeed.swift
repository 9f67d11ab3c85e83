import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeServing
import Foundation

/// What is written and read by hand, each as it is at its usual size.
enum JSONSpeed {
    private static let candidate = Digest(of: "candidate")

    /// The state and the action of one transition.
    static let transition: JSONContest = {
        let state = CycleState(stage: .validation, activity: .judging, round: 3, looks: 2, candidate: candidate)
        let action = CycleAction.judgeGate(candidate, look: 2)
        let encoded: @Sendable () throws -> (String, String) = {
            (try JSONProfile.stored.text(of: state), try JSONProfile.stored.text(of: action))
        }
        return JSONContest(
            name: "transition-row",
            settings: "a state and an action, \(state.storedJSON.utf8.count) and "
                + "\(action.storedJSON.utf8.count) bytes",
            isSame: { try encoded() == (state.storedJSON, action.storedJSON) },
            byHand: { state.storedJSON.utf8.count + action.storedJSON.utf8.count },
            foundation: {
                let texts = try encoded()
                return texts.0.utf8.count + texts.1.utf8.count
            })
    }()

    /// The scores of one sample, and the answer for the cache.
    static let sample: JSONContest = {
        let sample = Sample(
            candidate: candidate, example: ExampleID(7), repeat: 0, output: "billing", errorCode: nil,
            scores: ["primary": 1, "accuracy": 1, "macro-f1": 0.8333333333333334], promptTokens: 412, cachedTokens: 380,
            completionTokens: 3, latencyMicroseconds: 151_204, costMicroDollars: 7, fromCache: false)
        let answer = Completion(
            text: "billing", finishReason: "stop", promptTokens: 412, cachedTokens: 380, completionTokens: 3,
            latencyMicroseconds: 151_204, logProbability: -0.0431)
        let encoded: @Sendable () throws -> (String, String) = {
            (try JSONProfile.stored.text(of: sample.scores), try JSONProfile.stored.text(of: answer))
        }
        return JSONContest(
            name: "sample-row",
            settings: "scores and an answer, \(sample.storedScores.utf8.count) and "
                + "\(answer.storedJSON.utf8.count) bytes",
            isSame: { try encoded() == (sample.storedScores, answer.storedJSON) },
            byHand: { sample.storedScores.utf8.count + answer.storedJSON.utf8.count },
            foundation: {
                let texts = try encoded()
                return texts.0.utf8.count + texts.1.utf8.count
            })
    }()

    /// The body of a request with a system message and four demonstrations.
    static let chatRequest: JSONContest = {
        var messages = [ChatMessage(role: .system, content: "Name the team that answers the letter. Say nothing else.")]
        for number in 1...4 {
            messages.append(ChatMessage(role: .user, content: "Letter \(number):\n\"Where is my invoice of May?\""))
            messages.append(ChatMessage(role: .assistant, content: "billing"))
        }
        messages.append(
            ChatMessage(role: .user, content: String(repeating: "My kettle leaks since Monday.\n", count: 12)))
        let decoding = DecodingDefinition(temperature: 0.2, topP: 0.9, maxTokens: 16, seed: 7)
        let plain = PlainChatBody(
            max_tokens: 16, messages: messages, model: "small-1", seed: 7, temperature: 0.2, top_p: 0.9)
        let request = CompletionRequest(
            model: "small-1", adapter: nil, messages: messages, decoding: decoding, choices: nil)
        let body = ChatBody(dialect: .openAI, servedName: "small-1")
        return JSONContest(
            name: "chat-request", settings: "\(messages.count) messages",
            isSame: { try Data(body.json(of: request)) == JSONProfile.openAI.data(of: plain) },
            byHand: { try body.json(of: request).count },
            foundation: { try JSONProfile.openAI.data(of: plain).count })
    }()

    private struct PlainChatBody: Encodable, Sendable {
        var max_tokens: Int
        var messages: [ChatMessage]
        var model: String
        var seed: UInt64
        var temperature: Double
        var top_p: Double
    }

    /// A chat completion as a server sends it.
    static let chatReply: JSONContest = {
        let body = Array(
            """
            {"id":"chatcmpl-9f2c41","object":"chat.completion","created":1790000000,"model":"small-1","choices":[{"index":0,\
            "message":{"role":"assistant","content":"billing: the invoice of May is \\"missing\\"","refusal":null},\
            "logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":412,"completion_tokens":11,"total_tokens":423,\
            "prompt_tokens_details":{"cached_tokens":380}},"system_fingerprint":"fp_44709d6fcb"}
            """.utf8)
        let data = Data(body)
        return JSONContest(
            name: "chat-reply", settings: "\(body.count) bytes",
            isSame: {
                let reply = try JSONProfile.openAI.value(PlainChatReply.self, from: data)
                return ChatAnswerReader.read(body)?.promptTokens == reply.usage.prompt_tokens
                    && ChatAnswerReader.read(body)?.content == reply.choices[0].message.content
            },
            byHand: { ChatAnswerReader.read(body)?.content.utf8.count ?? 0 },
            foundation: {
                try JSONProfile.openAI.value(PlainChatReply.self, from: data).choices[0].message.content.utf8.count
            })
    }()

    /// The parts that Fledge uses.
    private struct PlainChatReply: Decodable {
        struct Choice: Decodable {
            struct Message: Decodable {
                var content: String
                var refusal: String?
            }
            var message: Message
            var finish_reason: String?
        }
        struct Usage: Decodable {
            struct Details: Decodable { var cached_tokens: Int? }
            var prompt_tokens: Int
            var completion_tokens: Int
            var prompt_tokens_details: Details?
        }
        var choices: [Choice]
        var usage: Usage
    }

    /// One row of a data file, every field of it.
    static let datasetLine: JSONContest = {
        let line = Array(
            """
            {"id":4711,"text":"My kettle leaks since Monday, and nobody answers.\\nWhat now?","label":"repairs",\
            "language":"en","urgent":true,"score":0.75}
            """.utf8)
        let data = Data(line)
        return JSONContest(
            name: "dataset-line", settings: "\(line.count) bytes, 6 fields",
            isSame: {
                var reader = JSONRecordReader(line)
                try reader.read(0..<line.count)
                let fields = try JSONProfile.foreign.value([String: JSONValue].self, from: data)
                return Set(reader.members.map(reader.key)) == Set(fields.keys)
            },
            byHand: {
                var reader = JSONRecordReader(line)
                try reader.read(0..<line.count)
                return reader.members.count
            },
            foundation: { try JSONProfile.foreign.value([String: JSONValue].self, from: data).count })
    }()
}
