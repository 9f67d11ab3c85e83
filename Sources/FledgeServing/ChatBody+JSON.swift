import FledgeCore

extension ChatBody {
    /// The same request is the same bytes, in every process: keys in their order, nothing that is not set.
    ///
    /// Written by hand, in 0.22 of the time of Foundation's encoder (`FledgeBench json`), since every model call passes here;
    /// they are the bytes that ``JSONProfile/openAI`` makes.
    package func json() throws -> [UInt8] {
        var text = JSONBytes(.openAI)
        text.raw("{")
        var isFirst = true
        func key(_ name: String) {
            text.raw(isFirst ? "\"\(name)\":" : ",\"\(name)\":")
            isFirst = false
        }
        func strings(_ name: String, _ values: [String]?) {
            guard let values else { return }
            key(name)
            text.array(values) { $1.string($0) }
        }
        func whole(_ name: String, _ value: (some FixedWidthInteger)?) {
            guard let value else { return }
            key(name)
            text.raw(String(value))
        }
        func flag(_ name: String, _ value: Bool?) {
            guard let value else { return }
            key(name)
            text.raw(value ? "true" : "false")
        }

        if let adapterSource {
            key("adapter_source")
            text.string(adapterSource)
        }
        if let adapters {
            key("adapters")
            text.string(adapters)
        }
        flag("cache_prompt", cachePrompt)
        if let grammar {
            key("grammar")
            text.string(grammar)
        }
        strings("guided_choice", guidedChoice)
        whole("id_slot", idSlot)
        flag("logprobs", logprobs)
        if let lora {
            key("lora")
            text.array(lora) { adapter, text in
                text.raw("{\"id\":\(adapter.id),\"scale\":")
                text.number(adapter.scale)
                text.raw("}")
            }
        }
        whole("max_completion_tokens", maxCompletionTokens)
        whole("max_tokens", maxTokens)
        key("messages")
        text.array(messages) { message, text in
            text.raw("{\"content\":")
            text.string(message.content)
            text.raw(",\"role\":\"\(message.role.rawValue)\"}")
        }
        key("model")
        text.string(model)
        if let responseFormat {
            key("response_format")
            text.raw(try JSONProfile.openAI.text(of: responseFormat))
        }
        whole("seed", seed)
        strings("stop", stop)
        if let structuredOutputs {
            key("structured_outputs")
            text.raw("{\"choice\":")
            text.array(structuredOutputs) { $1.string($0) }
            text.raw("}")
        }
        if let temperature {
            key("temperature")
            text.number(temperature)
        }
        if let topP {
            key("top_p")
            text.number(topP)
        }
        text.raw("}")
        return text.bytes
    }
}
