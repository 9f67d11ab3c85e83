import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Testing

@testable import FledgeServing

@Suite("The body of a chat completion request")
struct ChatBodyTests {
    /// What is sent of a request, for an encoder.
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

        init(_ request: CompletionRequest, _ body: ChatBody) throws {
            let decoding = request.decoding
            func sent<Value>(_ value: Value?, unless spare: RefusedParameter.Spare) -> Value? {
                body.leavingOut.contains(spare) ? nil : value
            }
            model = body.servedName
            messages = request.messages
            temperature = sent(decoding.temperature, unless: .temperature)
            top_p = sent(decoding.topP, unless: .topP)
            seed = sent(decoding.seed.map { $0 % (UInt64(1) << 63) }, unless: .seed)
            stop = decoding.stop.isEmpty ? nil : decoding.stop
            logprobs = decoding.logprobs == true ? sent(true, unless: .logprobs) : nil
            var limit = decoding.maxTokens
            switch (body.dialect, request.choices) {
            case (.llamaCpp, let choices?) where !choices.isEmpty: grammar = ChatDialect.grammar(choices)
            case (.vLLM, let choices?) where !choices.isEmpty:
                structured_outputs = Structured(choice: choices)
                guided_choice = choices
            case (.openAI, let choices?) where !choices.isEmpty:
                response_format = ChatBody.ResponseFormat(schema: .answer(from: choices))
                limit += 16
            default:
                response_format = try decoding.jsonSchema.map {
                    ChatBody.ResponseFormat(schema: try JSONValue(schema: $0))
                }
            }
            switch (body.isOpenAI, body.leavingOut.contains(.maxTokens)) {
            case (false, false), (true, true): max_tokens = limit
            case (true, false), (false, true): max_completion_tokens = limit
            }
            if body.dialect == .llamaCpp {
                cache_prompt = true
                lora = body.lora?.map { Scale(id: $0.id, scale: $0.scale) }
                id_slot = body.slot
            }
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
                let body = ChatBody(
                    dialect: dialect, servedName: "org/model \(Self.odd)",
                    lora: [.init(id: 0, scale: 1), .init(id: 1, scale: 0.25)], isOpenAI: isOpenAI, slot: 3,
                    leavingOut: leavingOut)
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                let expected = String(decoding: try encoder.encode(Encoded(request, body)), as: UTF8.self)
                #expect(String(decoding: try body.json(of: request), as: UTF8.self) == expected)
            }
        }
    }

    @Test("what a server does not take is left out; the limit of tokens changes its name; a seed fits into 63 bits")
    func leftOut() throws {
        let request = CompletionRequest(
            model: "m", adapter: nil, messages: [],
            decoding: DecodingDefinition(temperature: 0.5, topP: 0.9, maxTokens: 7, seed: .max, logprobs: true),
            choices: nil)
        func body(_ leavingOut: Set<RefusedParameter.Spare>) throws -> String {
            let body = ChatBody(dialect: .openAI, servedName: "m", leavingOut: leavingOut)
            return String(decoding: try body.json(of: request), as: UTF8.self)
        }
        #expect(
            try body([])
                == #"{"logprobs":true,"max_tokens":7,"messages":[],"model":"m","seed":9223372036854775807,"#
                + #""temperature":0.5,"top_p":0.9}"#)
        #expect(
            try body(Set(RefusedParameter.Spare.allCases))
                == #"{"max_completion_tokens":7,"messages":[],"model":"m"}"#)
    }

    @Test("where an adapter is found stands in the request of a server that takes that with each call")
    func places() throws {
        let request = CompletionRequest(
            model: "m", adapter: nil, messages: [], decoding: DecodingDefinition(maxTokens: 7), choices: nil)
        func body(_ change: (inout ChatBody) -> Void) throws -> String {
            var body = ChatBody(dialect: .openAI, servedName: "a")
            change(&body)
            return String(decoding: try body.json(of: request), as: UTF8.self)
        }
        let rest = #""max_tokens":7,"messages":[],"model":"a","temperature":0}"#
        #expect(try body { $0.adapterPath = "/a" } == #"{"adapters":"/a","# + rest)
        #expect(try body { $0.adapterSource = "local" } == #"{"adapter_source":"local","# + rest)
    }
}
