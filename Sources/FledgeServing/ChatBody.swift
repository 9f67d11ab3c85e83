import FledgeCore
import FledgeDocument
import FledgeEngine

/// How the body of a chat completion request is written for one server.
package struct ChatBody: Sendable {
    package struct LoRAScale: Equatable, Sendable { var id: Int; var scale: Double }
    /// A JSON schema that the answer has to fit, in the form that OpenAI, vLLM and llama.cpp share.
    struct ResponseFormat: Encodable {
        struct Wrapper: Encodable { var name = "answer"; var strict = true; var schema: JSONValue }
        var type = "json_schema"
        var wrapper: Wrapper
        enum CodingKeys: String, CodingKey { case type, wrapper = "json_schema" }

        init(schema: JSONValue) { wrapper = Wrapper(schema: schema) }
    }

    var dialect: ChatDialect
    /// What the server calls the model.
    var servedName: String
    /// The scale of every adapter that is loaded, so that no request uses another's cached prompt.
    var lora: [LoRAScale]?
    /// Whether it is OpenAI's own service.
    var isOpenAI = false
    /// The server's slot that has the prompt's beginning cached.
    var slot: Int?
    /// The adapter's folder, for a server that takes it with each call, as mlx-lm does.
    var adapterPath: String?
    /// Where the adapter is looked for, for a server that takes that with each call, as LoRAX does.
    var adapterSource: String?
    /// What the server has been found not to take.
    var leavingOut: Set<RefusedParameter.Spare> = []

    package init(
        dialect: ChatDialect, servedName: String, lora: [LoRAScale]? = nil, isOpenAI: Bool = false, slot: Int? = nil,
        adapterPath: String? = nil, adapterSource: String? = nil, leavingOut: Set<RefusedParameter.Spare> = []
    ) {
        self.dialect = dialect
        self.servedName = servedName
        self.lora = lora
        self.isOpenAI = isOpenAI
        self.slot = slot
        self.adapterPath = adapterPath
        self.adapterSource = adapterSource
        self.leavingOut = leavingOut
    }

    /// The object around an answer that is one of several needs tokens of its own.
    private static let tokensOfWrapping = 16

    /// The same request is the same bytes, in every process: keys in their order, nothing that is not set.
    ///
    /// Written by hand, in 0.22 of the time of Foundation's encoder (`FledgeBench json`), since every model call passes here;
    /// they are the bytes that `JSONProfile.openAI` makes.
    ///
    /// - Throws: where the definition's schema is no JSON.
    package func json(of request: CompletionRequest) throws -> [UInt8] {
        let decoding = request.decoding
        let choices = request.choices.flatMap { $0.isEmpty ? nil : $0 }
        let chosen = dialect == .vLLM ? choices : nil
        let isWrapped = dialect == .openAI && choices != nil
        let schema: JSONValue? =
            if let choices { isWrapped ? .answer(from: choices) : nil } else {
                try decoding.jsonSchema.map { try JSONValue(schema: $0) }
            }
        let limit = isWrapped ? decoding.maxTokens + Self.tokensOfWrapping : decoding.maxTokens
        let isLimitRenamed = isOpenAI != leavingOut.contains(.maxTokens)
        let isLlama = dialect == .llamaCpp

        var body = BodyWriter()
        body.text("adapter_source", adapterSource)
        body.text("adapters", adapterPath)
        body.flag("cache_prompt", isLlama ? true : nil)
        body.text("grammar", isLlama ? choices.map(ChatDialect.grammar) : nil)
        body.texts("guided_choice", chosen)
        body.whole("id_slot", isLlama ? slot : nil)
        body.flag("logprobs", decoding.logprobs == true && !leavingOut.contains(.logprobs) ? true : nil)
        body.value("lora", isLlama ? lora : nil) { adapters, text in
            text.array(adapters) { adapter, text in
                text.raw("{\"id\":\(adapter.id),\"scale\":")
                text.number(adapter.scale)
                text.raw("}")
            }
        }
        body.whole("max_completion_tokens", isLimitRenamed ? limit : nil)
        body.whole("max_tokens", isLimitRenamed ? nil : limit)
        body.value("messages", request.messages) { messages, text in
            text.array(messages) { message, text in
                text.raw("{\"content\":")
                text.string(message.content)
                text.raw(",\"role\":\"\(message.role.rawValue)\"}")
            }
        }
        body.text("model", servedName)
        body.value("response_format", try schema.map { try Self.format($0) }) { $1.raw($0) }
        // Servers read a seed into 63 bits and a sign.
        body.whole("seed", leavingOut.contains(.seed) ? nil : decoding.seed.map { $0 & UInt64(Int64.max) })
        body.texts("stop", decoding.stop.isEmpty ? nil : decoding.stop)
        body.value("structured_outputs", chosen) { choices, text in
            text.raw("{\"choice\":")
            text.array(choices) { $1.string($0) }
            text.raw("}")
        }
        body.value("temperature", leavingOut.contains(.temperature) ? nil : decoding.temperature) { $1.number($0) }
        body.value("top_p", leavingOut.contains(.topP) ? nil : decoding.topP) { $1.number($0) }
        return body.end()
    }

    private static func format(_ schema: JSONValue) throws -> String {
        try JSONProfile.openAI.text(of: ResponseFormat(schema: schema))
    }
}

/// An object's members, one after the other; those without a value are left out.
private struct BodyWriter {
    private var json = JSONBytes(.openAI)
    private var isFirst = true

    init() { json.raw("{") }

    mutating func end() -> [UInt8] {
        json.raw("}")
        return json.bytes
    }

    mutating func value<Value>(_ name: String, _ value: Value?, _ write: (Value, inout JSONBytes) -> Void) {
        guard let value else { return }
        json.raw(isFirst ? "\"\(name)\":" : ",\"\(name)\":")
        isFirst = false
        write(value, &json)
    }

    mutating func text(_ name: String, _ value: String?) { self.value(name, value) { $1.string($0) } }
    mutating func flag(_ name: String, _ value: Bool?) { self.value(name, value) { $1.raw($0 ? "true" : "false") } }
    mutating func whole(_ name: String, _ value: (some FixedWidthInteger)?) {
        self.value(name, value) { $1.raw(String($0)) }
    }
    mutating func texts(_ name: String, _ values: [String]?) {
        value(name, values) { values, text in text.array(values) { $1.string($0) } }
    }
}
