import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Testing

@testable import FledgeServing

@Suite("The body of a chat completion request")
struct ChatBodyTests {
    /// What `ChatBody` says, for an encoder.
    private struct Encoded: Encodable {
        struct Scale: Encodable { var id: Int; var scale: Double }
        struct Structured: Encodable { var choice: [String] }
        var model: String
        var messages: [ChatMessage]
        var temperature: Double?
        var top_p: Double?
        var seed: UInt64?
        var max_tokens: Int?
        var max_completion_tokens: Int?
        var stop: [String]?
        var grammar: String?
        var structured_outputs: Structured?
        var guided_choice: [String]?
        var response_format: ChatBody.ResponseFormat?
        var cache_prompt: Bool?
        var lora: [Scale]?
        var id_slot: Int?
        var logprobs: Bool?

        init(_ body: ChatBody) {
            model = body.model
            messages = body.messages
            temperature = body.temperature
            top_p = body.topP
            seed = body.seed
            max_tokens = body.maxTokens
            max_completion_tokens = body.maxCompletionTokens
            stop = body.stop
            grammar = body.grammar
            structured_outputs = body.structuredOutputs.map { Structured(choice: $0) }
            guided_choice = body.guidedChoice
            response_format = body.responseFormat
            cache_prompt = body.cachePrompt
            lora = body.lora?.map { Scale(id: $0.id, scale: $0.scale) }
            id_slot = body.idSlot
            logprobs = body.logprobs
        }
    }

    private static let odd =
        "\"\\/\u{7f}\r\n\t ü🜁 e\u{301} \u{2028}" + (0..<0x20).map { "\(UnicodeScalar(UInt8($0)))" }.joined()

    @Test(
        "it is the bytes that an encoder makes of it",
        arguments: [ChatDialect.llamaCpp, .vLLM, .openAI], [nil, ["red", odd], []] as [[String]?])
    func bytes(dialect: ChatDialect, choices: [String]?) throws {
        let plain = DecodingDefinition()
        let full = DecodingDefinition(
            temperature: 0.7, topP: 1e-9, maxTokens: 3, seed: .max, stop: [Self.odd, ""],
            jsonSchema: #"{"type":"object","properties":{"a/b":{"type":"number","maximum":1e20}}}"#, logprobs: true)
        for decoding in [plain, full] {
            let request = CompletionRequest(
                model: "m", adapter: nil,
                messages: [
                    ChatMessage(role: .system, content: Self.odd), ChatMessage(role: .user, content: ""),
                    ChatMessage(role: .assistant, content: "x"),
                ],
                decoding: decoding, choices: choices)
            for (isOpenAI, leavingOut) in [
                (false, []), (true, []), (false, Set(RefusedParameter.Spare.allCases)), (true, [.maxTokens, .seed]),
            ] {
                let body = try ChatBody(
                    request, dialect: dialect, servedName: "org/model \(Self.odd)",
                    lora: [.init(id: 0, scale: 1), .init(id: 1, scale: 0.25)], isOpenAI: isOpenAI, slot: 3,
                    leavingOut: leavingOut)
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                let expected = String(decoding: try encoder.encode(Encoded(body)), as: UTF8.self)
                #expect(String(decoding: try body.json(), as: UTF8.self) == expected)
            }
        }
    }

    @Test("what a server does not take is left out; the limit of tokens changes its name; a seed fits into 63 bits")
    func leftOut() throws {
        let request = CompletionRequest(
            model: "m", adapter: nil, messages: [],
            decoding: DecodingDefinition(temperature: 0.5, topP: 0.9, maxTokens: 7, seed: .max, logprobs: true),
            choices: nil)
        func body(_ leavingOut: Set<RefusedParameter.Spare>) throws -> ChatBody {
            try ChatBody(
                request, dialect: .openAI, servedName: "m", lora: nil, isOpenAI: false, leavingOut: leavingOut)
        }
        let whole = try body([])
        #expect(whole.seed == UInt64(Int64.max) && whole.maxTokens == 7 && whole.maxCompletionTokens == nil)
        let bare = try body(Set(RefusedParameter.Spare.allCases))
        #expect(bare.temperature == nil && bare.topP == nil && bare.seed == nil && bare.logprobs == nil)
        #expect(bare.maxTokens == nil && bare.maxCompletionTokens == 7)
    }
}
