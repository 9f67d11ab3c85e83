/// The wordings in which servers say that a prompt is too long for the model. One example has that, another not.
extension FaultMode {
    static let contextOverflows: [FaultMode] = [
        overflow(
            "openai", "OpenAI",
            .openAI(
                400,
                "This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens.",
                code: "context_length_exceeded")),
        overflow(
            "vllm", "vLLM",
            .vLLM(
                400,
                "This model's maximum context length is 2048 tokens. However, you requested 3000 tokens. Please reduce the length of the messages or completion."
            )),
        overflow(
            "vllm-new", "vLLM of late",
            .vLLM(400, "The decoder prompt (length 3000) is longer than the maximum model length of 2048.")),
        overflow(
            "llamacpp", "llama.cpp",
            FaultReply(
                400,
                #"{"error":{"code":400,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"exceed_context_size_error","n_prompt_tokens":3000,"n_ctx":2048}}"#
            )),
        overflow(
            "anthropic", "Anthropic",
            .anthropic(400, "prompt is too long: 205000 tokens > 200000 maximum", type: "invalid_request_error")),
        overflow("bedrock", "Bedrock", FaultReply(400, #"{"message":"Input is too long for requested model."}"#)),
        overflow(
            "gemini", "Gemini",
            .google(
                400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
                state: "INVALID_ARGUMENT")),
        overflow(
            "lmstudio", "LM Studio",
            FaultReply(
                400,
                #"{"error":"Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."}"#
            )),
        overflow(
            "sglang", "SGLang",
            .vLLM(
                400,
                "The input (5000 tokens) is longer than the model's context length (4096 tokens).")),
        overflow(
            "tgi", "TGI",
            FaultReply(
                422,
                #"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 4 `max_new_tokens`","error_type":"validation"}"#
            )),
        FaultMode(
            "filter-azure", "400 of Azure's content filter",
            .openAI(
                400,
                "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
                code: "content_filter"), .countsApart("model.filtered")),
        FaultMode(
            "filter-moderation", "403 of a moderation, in OpenRouter's form",
            FaultReply(
                403,
                #"{"error":{"code":403,"message":"Your chosen model requires moderation and your input was flagged for \"violence\"","metadata":{"reasons":["violence"]}}}"#
            ), .countsApart("model.filtered")),
    ]

    private static func overflow(_ name: String, _ vendor: String, _ reply: FaultReply) -> FaultMode {
        FaultMode(
            "ctx-\(name)", "\(reply.status): the prompt is too long, in the words of \(vendor)", reply,
            .countsApart("model.context_overflow"))
    }
}
