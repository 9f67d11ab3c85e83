import FledgeCore
import FledgeDocument
import FledgeEngine

/// The JSON of a chat completion request.
package struct ChatBody: Sendable {
    package struct LoRAScale: Equatable, Sendable { var id: Int; var scale: Double }
    /// A JSON schema that the answer has to fit, in the form that OpenAI, vLLM and llama.cpp share.
    package struct ResponseFormat: Encodable, Sendable {
        struct Wrapper: Encodable, Sendable { var name = "answer"; var strict = true; var schema: JSONValue }
        var type = "json_schema"
        var wrapper: Wrapper
        enum CodingKeys: String, CodingKey { case type, wrapper = "json_schema" }

        init(schema: JSONValue) { wrapper = Wrapper(schema: schema) }
    }

    /// Where an adapter is looked for, as LoRAX takes it.
    var adapterSource: String?
    /// The folder of an adapter, as mlx-lm takes it.
    var adapters: String?
    var model: String
    var messages: [ChatMessage]
    var temperature: Double?
    var topP: Double?
    var seed: UInt64?
    var maxTokens: Int?
    var maxCompletionTokens: Int?
    var stop: [String]?
    var grammar: String?
    var structuredOutputs: [String]?
    var guidedChoice: [String]?
    var responseFormat: ResponseFormat?
    var cachePrompt: Bool?
    var lora: [LoRAScale]?
    var idSlot: Int?
    var logprobs: Bool?

    /// - Parameters:
    ///   - lora: the scale of every adapter that is loaded, so that no request uses another's cached prompt.
    ///   - slot: the server's slot that has the prompt's beginning cached.
    ///   - adapterPath: for a server that takes an adapter's folder with each call.
    ///   - adapterSource: for a server that takes with each call where it looks for the adapter.
    ///   - leavingOut: what the server has been found not to take.
    package init(
        _ request: CompletionRequest, dialect: ChatDialect, servedName: String, lora: [LoRAScale]?, isOpenAI: Bool,
        slot: Int? = nil, adapterPath: String? = nil, adapterSource: String? = nil,
        leavingOut: Set<RefusedParameter.Spare> = []
    ) throws {
        let decoding = request.decoding
        self.adapterSource = adapterSource
        adapters = adapterPath
        model = servedName
        messages = request.messages
        temperature = leavingOut.contains(.temperature) ? nil : decoding.temperature
        topP = leavingOut.contains(.topP) ? nil : decoding.topP
        // Servers read a seed into 63 bits and a sign.
        seed = leavingOut.contains(.seed) ? nil : decoding.seed.map { $0 & UInt64(Int64.max) }
        stop = decoding.stop.isEmpty ? nil : decoding.stop
        var limit = decoding.maxTokens
        if let choices = request.choices, !choices.isEmpty {
            switch dialect {
            case .llamaCpp: grammar = ChatDialect.grammar(choices)
            case .vLLM:
                structuredOutputs = choices
                guidedChoice = choices
            case .openAI:
                responseFormat = ResponseFormat(schema: .answer(from: choices))
                // The object around the answer needs tokens of its own.
                limit += 16
            }
        }
        if responseFormat == nil, grammar == nil, structuredOutputs == nil, let schema = decoding.jsonSchema {
            responseFormat = ResponseFormat(schema: try JSONValue(schema: schema))
        }
        if decoding.logprobs == true, !leavingOut.contains(.logprobs) { logprobs = true }
        if isOpenAI != leavingOut.contains(.maxTokens) { maxCompletionTokens = limit } else { maxTokens = limit }
        if dialect == .llamaCpp {
            cachePrompt = true
            self.lora = lora
            idSlot = slot
        }
    }
}
