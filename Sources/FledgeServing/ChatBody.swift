import FledgeCore
import FledgeDocument
import FledgeEngine

/// The JSON of a chat completion request.
struct ChatBody: Encodable {
    struct LoRAScale: Encodable, Equatable { var id: Int; var scale: Double }
    struct Structured: Encodable { var choice: [String] }
    struct ResponseFormat: Encodable {
        struct Wrapper: Encodable { var name = "choice"; var strict = true; var schema: Schema }
        struct Schema: Encodable {
            struct Field: Encodable {
                var type = "string"
                var values: [String]
                enum CodingKeys: String, CodingKey { case type, values = "enum" }
            }
            var type = "object"
            var properties: [String: Field]
            var required = ["answer"]
            var additionalProperties = false
        }
        var type = "json_schema"
        var wrapper: Wrapper
        enum CodingKeys: String, CodingKey { case type, wrapper = "json_schema" }
    }

    var model: String
    var messages: [ChatMessage]
    var temperature: Double
    var topP: Double?
    var seed: UInt64?
    var maxTokens: Int?
    var maxCompletionTokens: Int?
    var stop: [String]?
    var grammar: String?
    var structuredOutputs: Structured?
    var guidedChoice: [String]?
    var responseFormat: ResponseFormat?
    var cachePrompt: Bool?
    var lora: [LoRAScale]?
    var idSlot: Int?

    enum CodingKeys: String, CodingKey {
        case model, messages, temperature, seed, stop, grammar, lora
        case topP = "top_p"
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
        case structuredOutputs = "structured_outputs"
        case guidedChoice = "guided_choice"
        case responseFormat = "response_format"
        case cachePrompt = "cache_prompt"
        case idSlot = "id_slot"
    }

    /// - Parameters:
    ///   - lora: the scale of every adapter that is loaded, so that no request uses another's cached prompt.
    ///   - slot: the server's slot that has the prompt's beginning cached.
    init(
        _ request: CompletionRequest, dialect: ChatDialect, servedName: String, lora: [LoRAScale]?, isOpenAI: Bool,
        slot: Int? = nil
    ) {
        let decoding = request.decoding
        model = servedName
        messages = request.messages
        temperature = decoding.temperature
        topP = decoding.topP
        seed = decoding.seed
        stop = decoding.stop.isEmpty ? nil : decoding.stop
        var limit = decoding.maxTokens
        if let choices = request.choices, !choices.isEmpty {
            switch dialect {
            case .llamaCpp: grammar = ChatDialect.grammar(choices)
            case .vLLM:
                structuredOutputs = Structured(choice: choices)
                guidedChoice = choices
            case .openAI:
                responseFormat = ResponseFormat(
                    wrapper: .init(schema: .init(properties: ["answer": .init(values: choices)])))
                // The object around the answer needs tokens of its own.
                limit += 16
            }
        }
        if isOpenAI { maxCompletionTokens = limit } else { maxTokens = limit }
        if dialect == .llamaCpp {
            cachePrompt = true
            self.lora = lora
            idSlot = slot
        }
    }
}
