/// How servers word their refusals, in lower case: each entry is met where all of its parts occur.
///
/// Most are OpenAI's, Azure's, Anthropic's, Bedrock's, Gemini's, Mistral's, Groq's, vLLM's, SGLang's, TGI's, llama.cpp's, LM
/// Studio's and Ollama's; a comment names the others'.
enum RefusalWordings {
    typealias Wording = [String]

    static let overflow: [Wording] = [
        // OpenAI, Azure, OpenRouter, DeepSeek, vLLM
        ["context_length_exceeded"], ["maximum context length"], ["exceeds the context window"],
        ["input tokens exceed the configured limit"], ["string_above_max_length", "messages"],
        // Anthropic
        ["prompt is too long"], ["exceed context limit"], ["model_context_window_exceeded"],
        // Bedrock
        ["input is too long"], ["too many input tokens"], ["exceeds the maximum number of input tokens"],
        // Gemini, Vertex AI
        ["input token count", "exceeds the maximum"], ["token count", "exceeds the limit"],
        ["exceeds the maximum number of tokens allowed"],
        // Mistral, Groq, Cerebras
        ["too large for model with"], ["reduce the length of the messages"],
        // vLLM, SGLang
        ["longer than the maximum model length"], ["longer than the model's context length"],
        ["exceeds the model's maximum"], ["exceeds the model's context"], ["exceeds model's maximum"],
        ["longer than the max_model_len"], ["too long and exceeds limit"],
        // TGI
        ["inputs` tokens + `max_new_tokens` must be"], ["inputs` must have less than"],
        ["must have less than", "tokens. given"],
        // llama.cpp, LM Studio, Ollama
        ["exceed_context_size"], ["exceeds the available context size"], ["context size has been exceeded"],
        ["requested tokens", "exceed context window"], ["greater than the context length"],
        ["context length of only"], ["exceeds the context length"], ["exceeded max context length"],
        ["input length exceeds"], ["context the overflows"], ["context overflow"],
        // LiteLLM, xAI, Moonshot, MiniMax, Zhipu, Qwen, Perplexity, Cohere, watsonx, GitHub
        ["contextwindowexceeded"], ["maximum prompt length is"], ["exceeded model token limit"],
        ["context window exceeds"], ["exceeds model context window"], ["prompt exceeds max length"],
        ["range of input length should be"], ["length of all messages is too long"],
        ["too many tokens", "size limit exceeded"], ["too many tokens: the total number of tokens"],
        ["cannot exceed the total tokens limit"], ["token limit exceeded"], ["context length exceeded"],
        ["exceeds token limit"],
    ]

    static let filter: [Wording] = [
        ["content_filter"], ["content filter"], ["content management policy"], ["responsibleaipolicyviolation"],
        ["content_policy"], ["content policy"], ["violating our usage polic"], ["safety system"],
        ["was flagged"], ["flagged by"], ["flagged as"], ["content filtering policy"], ["prohibited_content"],
        ["blocked", "safety"], ["blockreason"], ["guardrail"], ["moderation"],
        // Qwen, DeepSeek, Moonshot, xAI, Zhipu, MiniMax, Volcengine
        ["data_inspection_failed"], ["datainspectionfailed"], ["inappropriate content"], ["content exists risk"],
        ["considered high risk"], ["usage guidelines"], ["unsafe or sensitive content"], ["new_sensitive"],
        ["sensitivecontentdetected"],
    ]

    static let noCredit: [Wording] = [
        ["insufficient_quota"], ["insufficient balance"], ["insufficient_balance"], ["insufficient credit"],
        ["insufficient_credit"], ["insufficient funds"], ["credit balance"], ["not enough credit"],
        ["out of credits"], ["more credits"], ["used all available credits"], ["included credits"],
        ["billing_hard_limit"], ["billing hard limit"], ["billing_not_active"], ["account is not active"],
        ["payment required"], ["payment_required"], ["spending limit"], ["spend limit"],
        ["reached your specified api usage limits"], ["specified workspace api usage limits"],
        ["account balance"], ["arrearage"], ["billing_disabled"], ["requires billing"], ["requires payment"],
        ["free tier of the model has been exhausted"], ["余额不足"], ["欠费"],
    ]

    /// Said of an account that is empty by most, and of a rate by Gemini.
    static let currentQuota: Wording = ["exceeded your current quota"]
    static let geminiRate = "resource_exhausted"

    static let rate: [Wording] = [
        ["rate limit"], ["rate_limit"], ["ratelimit"], ["rate-limit"], ["too many requests"], ["too_many_requests"],
        ["tokens per min"], ["requests per min"], ["tokens per second"], ["requests per second"], ["tokens per day"],
        ["requests per day"], ["per minute"], ["(tpm)"], ["(rpm)"], ["throttl"], [geminiRate],
        ["resource has been exhausted"], ["quota exceeded for"], ["please wait before trying again"],
        ["tier capacity exceeded"], ["concurrency limit"], ["concurrent requests"],
    ]

    static let template: [Wording] = [
        ["jinja"], ["templateerror"], ["raise_exception"], ["roles must alternate"], ["alternate between"],
        ["messages must alternate"], ["chat template"], ["chat_template"],
        ["system role not supported"], ["system role is not supported"], ["system messages are not supported"],
        ["support system messages"], ["support the system role"], ["does not support 'system'"],
        ["system message must be at the beginning"], ["no user query found"], ["only user and assistant roles"],
        ["only user, assistant"], ["roles are supported"], ["developer instruction is not enabled"],
        ["system_instruction is not supported"], ["system instruction is not supported"],
        ["system message", "not supported"], ["system prompt", "not supported"], ["role", "not supported"],
        ["invalid role", "system"], ["unsupported role"], ["unknown role"], ["unexpected role", "system"],
    ]

    /// A 400 that speaks of the key.
    static let badKey: [Wording] = [
        ["api key not valid"], ["invalid api key"], ["incorrect api key"], ["api_key_invalid"], ["invalid_api_key"],
        ["missing api key"], ["no api key"],
    ]

    static let unknownModel: [Wording] = [
        ["model_not_found"], ["model_not_exist"], ["invalid_model"], ["model not exist"], ["invalid model"],
        ["model", "does not exist"], ["model", "not found"], ["not a valid model"], ["deploymentnotfound"],
        ["deployment", "does not exist"], ["model identifier is invalid"], ["no such model"], ["unknown model"],
        ["unable to access model"], ["model", "is not available"], ["model", "is not supported"],
        ["model", "not loaded"], ["no models loaded"], ["no endpoints found for"], ["modelnotopen"],
        ["model", "decommissioned"], ["model", "deprecated"],
        // SGLang's and LoRAX's, of adapters
        ["lora adapter", "never been loaded"], ["lora adapters are not loaded"], ["lora is not enabled"],
        ["no local weights found"], ["can't find 'adapter_config.json'"], ["repo id must be in the form"],
    ]

    /// A 404 whose JSON speaks of the address.
    static let wrongAddress: [Wording] = [
        ["invalid url"], ["unexpected endpoint"], ["unknown endpoint"], ["no route"], ["route", "not found"],
        ["resource not found"], ["page not found"], ["file not found"], ["cannot post"], ["unknown_url"],
        ["unrecognized request url"], ["endpoint not found"], ["path not found"], ["url", "not found"],
        ["no static resource"],
    ]

    /// That a parameter is one which the server doesn't take, and not a bad value of it.
    static let unsupported: [Wording] = [
        ["unsupported"], ["not support"], ["n't support"], ["unknown"], ["unrecognized"], ["unrecognised"],
        ["unexpected"], ["extra inputs"], ["extra fields"], ["extra_forbidden"], ["not permitted"], ["not allowed"],
        ["additional properties"], ["only the default"], ["deprecated"], ["cannot find field"], ["no longer"],
        ["not available"], ["not implemented"], ["both be specified"], ["strictly positive"], ["not enabled"],
        ["invalid parameter"], ["cannot be used"], ["instead"],
    ]

    /// That it is the value which the server doesn't take.
    static let badValue: [Wording] = [
        ["too large"], ["too small"], ["between"], ["less than or equal"], ["greater than or equal"], ["out of range"],
        ["at most"], ["at least"],
    ]

    static func says(_ text: String, any wordings: [Wording]) -> Bool {
        wordings.contains { wording in wording.allSatisfy { text.contains($0) } }
    }
}
