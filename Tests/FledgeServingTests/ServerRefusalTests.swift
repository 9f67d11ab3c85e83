import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Testing

@testable import FledgeServing

@Suite("What a refusal means")
struct ServerRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var status: Int
        var body: String
        var kind: ServerRefusal.Kind
        var testDescription: String { "\(kind): \(status) \(body.prefix(120))" }
    }

    private static let secret = "sk-canary-0123456789"

    private func refusal(
        _ status: Int, _ body: String, headers: HTTPHeaders = [:], prompt: String = "Is t17 even?", maxTokens: Int = 8,
        model: String = "my-model"
    ) -> ServerRefusal {
        let request = CompletionRequest(
            model: model, adapter: nil, messages: [ChatMessage(role: .user, content: prompt)],
            decoding: DecodingDefinition(maxTokens: maxTokens), choices: nil)
        return ServerRefusal(
            status: status, headers: headers, words: ServerWords(Array(body.utf8), isAnswer: status == 200),
            request: request, privately: PrivateText(of: request, key: Self.secret))
    }

    private static func openAI(_ message: String, code: String? = nil, type: String = "invalid_request_error") -> String
    {
        let code = code.map { "\"\($0)\"" } ?? "null"
        return #"{"error":{"message":"\#(message)","type":"\#(type)","param":null,"code":\#(code)}}"#
    }

    private static func message(_ message: String, code: Int = 400) -> String {
        #"{"object":"error","message":"\#(message)","type":"BadRequestError","param":null,"code":\#(code)}"#
    }

    private static let overflows = [
        openAI(
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 8545 tokens.",
            code: "context_length_exceeded"),
        openAI("Your input exceeds the context window of this model. Please adjust your input and try again."),
        openAI("Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens."),
        #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 205668 tokens > 200000 maximum"}}"#,
        openAI("input length and `max_tokens` exceed context limit: 199000 + 8000 > 200000"),
        #"{"message":"Input is too long for requested model."}"#,
        #"{"message":"The model returned the following errors: Too many input tokens. Max input tokens: 8192"}"#,
        #"[{"error":{"code":400,"message":"The input token count (314175) exceeds the maximum number of tokens allowed (131072).","status":"INVALID_ARGUMENT"}}]"#,
        openAI("The prompt is too long: 33554, model maximum context length: 32768"),
        message(
            "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length"),
        openAI("Please reduce the length of the messages or completion.", code: "context_length_exceeded"),
        message(
            "This model's maximum context length is 4096 tokens. However, you requested 4100 tokens (4092 in the messages, 8 in the completion). Please reduce the length of the messages or completion."
        ),
        message("The decoder prompt (length 5000) is longer than the maximum model length of 4096."),
        message("The input (5000 tokens) is longer than the model's context length (4096 tokens)."),
        message("Requested token count exceeds the model's maximum context length of 4096 tokens."),
        #"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 8 `max_new_tokens`","error_type":"validation"}"#,
        #"{"error":"Input validation error: `inputs` must have less than 1024 tokens. Given: 1200","error_type":"validation"}"#,
        #"{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}"#,
        openAI("Requested tokens (600) exceed context window of 512"),
        #"{"error":"Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."}"#,
        #"{"error":"The number of tokens to keep from the initial prompt is greater than the context length."}"#,
        #"{"error":"prompt too long; exceeded max context length by 12 tokens"}"#,
        #"{"error":{"message":"the input length exceeds the context length","type":"api_error"}}"#,
        openAI("This endpoint's maximum context length is 32768 tokens. However, you requested about 42832 tokens"),
        #"{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 537812 tokens."}"#,
        openAI("Invalid request: Your request exceeded model token limit: 8192"),
        #"{"error":{"code":"1261","message":"Prompt exceeds max length"}}"#,
        openAI("Range of input length should be [1, 30720]", code: "invalid_parameter_error"),
        #"{"message":"too many tokens: size limit exceeded by 19296 tokens. Try using shorter or fewer inputs."}"#,
        openAI("The total length of all messages is too long."),
        openAI("litellm.ContextWindowExceededError: OpenAIException"),
    ]

    @Test(
        "a prompt that is too long is told in every wording that servers have for it", arguments: overflows,
        [400, 413, 422])
    func overflow(body: String, status: Int) {
        #expect(refusal(status, body).kind == .contextOverflow)
    }

    private static let others: [Case] = [
        // Filters
        Case(
            status: 400,
            body:
                #"{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
            kind: .filtered),
        Case(status: 400, body: openAI("Your request was rejected as a result of our safety system."), kind: .filtered),
        Case(status: 400, body: openAI("Output blocked by content filtering policy"), kind: .filtered),
        Case(
            status: 403,
            body:
                #"{"error":{"code":403,"message":"my-model requires moderation on OpenInference. Your input was flagged","metadata":{"reasons":["violence"]}}}"#,
            kind: .filtered),
        Case(
            status: 400, body: openAI("Input data may contain inappropriate content.", code: "data_inspection_failed"),
            kind: .filtered),
        Case(status: 400, body: openAI("Content Exists Risk"), kind: .filtered),
        Case(status: 403, body: #"{"error":"Content violates usage guidelines."}"#, kind: .filtered),
        Case(
            status: 400,
            body: openAI("Invalid prompt: your prompt was flagged as potentially violating our usage policy."),
            kind: .filtered),
        // Money
        Case(status: 402, body: openAI("Insufficient Balance"), kind: .noCredit),
        Case(status: 402, body: "", kind: .noCredit),
        Case(
            status: 429,
            body: openAI(
                "You exceeded your current quota, please check your plan and billing details.",
                code: "insufficient_quota",
                type: "insufficient_quota"), kind: .noCredit),
        Case(
            status: 400,
            body: openAI("Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing."),
            kind: .noCredit),
        Case(status: 402, body: openAI("This request requires more credits, or fewer max_tokens."), kind: .noCredit),
        Case(status: 403, body: #"{"error":"Your team has used all available credits"}"#, kind: .noCredit),
        Case(status: 400, body: openAI("Access denied", code: "Arrearage"), kind: .noCredit),
        Case(
            status: 429, body: openAI("billing_hard_limit_reached", code: "billing_hard_limit_reached"), kind: .noCredit
        ),
        Case(
            status: 403, body: openAI("This API method requires billing to be enabled", code: "BILLING_DISABLED"),
            kind: .noCredit),
        Case(status: 200, body: #"{"error":{"message":"Insufficient credits","code":402}}"#, kind: .noCredit),
        // Rates
        Case(status: 429, body: "", kind: .rateLimited),
        Case(status: 429, body: "Too many requests", kind: .rateLimited),
        Case(
            status: 413,
            body: openAI(
                "Request too large for model `my-model` in organization `o` on tokens per minute (TPM): Limit 6000",
                code: "rate_limit_exceeded", type: "tokens"), kind: .rateLimited),
        Case(
            status: 429,
            body:
                #"[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34s"}]}}]"#,
            kind: .rateLimited),
        Case(status: 403, body: openAI("Rate limit exceeded: free-models-per-min"), kind: .rateLimited),
        Case(
            status: 400, body: #"{"__type":"ThrottlingException","message":"Rate exceeded, throttling"}"#,
            kind: .rateLimited),
        Case(
            status: 429, body: #"{"message":"Too many tokens, please wait before trying again."}"#, kind: .rateLimited),
        Case(
            status: 429, body: message("Service tier capacity exceeded for this model.", code: 3505), kind: .rateLimited
        ),
        Case(status: 503, body: openAI("Requests rate limit exceeded"), kind: .rateLimited),
        Case(status: 200, body: #"{"error":{"message":"slow down","code":429}}"#, kind: .rateLimited),
        // Templates
        Case(status: 400, body: message("System role not supported"), kind: .template),
        Case(
            status: 500,
            body:
                #"{"error":{"code":500,"message":"\n------------\nError: Jinja Exception: System role not supported","type":"server_error"}}"#,
            kind: .template),
        Case(
            status: 400, body: message("Conversation roles must alternate user/assistant/user/assistant/..."),
            kind: .template),
        Case(
            status: 500,
            body: #"{"error":{"code":500,"message":"Only user, assistant and tool roles are supported, got system"}}"#,
            kind: .template),
        Case(
            status: 400,
            body: openAI(
                "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
                code: "unsupported_value"),
            kind: .template),
        Case(status: 400, body: #"{"message":"This model doesn't support system messages."}"#, kind: .template),
        Case(
            status: 400, body: openAI("Developer instruction is not enabled for models/gemma-3-27b-it"), kind: .template
        ),
        Case(status: 500, body: message("System message must be at the beginning.", code: 500), kind: .template),
        // Keys
        Case(status: 401, body: openAI("Incorrect API key provided", code: "invalid_api_key"), kind: .unauthorized),
        Case(status: 403, body: "", kind: .unauthorized),
        Case(status: 403, body: openAI("You have insufficient permissions for this operation."), kind: .unauthorized),
        Case(
            status: 400,
            body:
                #"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#,
            kind: .unauthorized),
        // Models and addresses
        Case(
            status: 404,
            body: openAI(
                "The model `my-model` does not exist or you do not have access to it.", code: "model_not_found"),
            kind: .unknownModel),
        Case(status: 404, body: message("The model `my-model` does not exist.", code: 404), kind: .unknownModel),
        Case(status: 404, body: openAI("model \\\"my-model\\\" not found, try pulling it first"), kind: .unknownModel),
        Case(
            status: 400,
            body: #"{"object":"error","message":"Invalid model: my-model","type":"invalid_model","code":"1500"}"#,
            kind: .unknownModel),
        Case(
            status: 400, body: #"{"error":{"message":"my-model is not a valid model ID","code":400}}"#,
            kind: .unknownModel),
        Case(
            status: 404,
            body:
                #"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#,
            kind: .unknownModel),
        Case(status: 400, body: #"{"message":"The provided model identifier is invalid."}"#, kind: .unknownModel),
        Case(
            status: 400, body: message("Got LoRA adapter that has never been loaded: 0a1b"), kind: .unknownModel),
        Case(
            status: 424,
            body:
                #"{"error":"Request failed during generation: Server error: No local weights found in /a","error_type":"generation"}"#,
            kind: .unknownModel),
        Case(status: 404, body: "<html>404 Not Found</html>", kind: .wrongAddress),
        Case(status: 404, body: "404 page not found", kind: .wrongAddress),
        Case(status: 404, body: "", kind: .wrongAddress),
        Case(status: 404, body: #"{"detail":"Not Found"}"#, kind: .wrongAddress),
        Case(status: 404, body: openAI("Invalid URL (POST /v1/v1/chat/completions)"), kind: .wrongAddress),
        Case(status: 404, body: #"{"error":{"code":"404","message":"Resource not found"}}"#, kind: .wrongAddress),
        Case(
            status: 404, body: #"{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}"#,
            kind: .wrongAddress),
        Case(status: 405, body: #"{"detail":"Method Not Allowed"}"#, kind: .wrongAddress),
        Case(status: 301, body: "", kind: .wrongAddress), Case(status: 308, body: "<html>", kind: .wrongAddress),
        Case(
            status: 200, body: #"{"error":"Unexpected endpoint or method. (POST /chat/completions)"}"#,
            kind: .wrongAddress),
        // Sizes
        Case(status: 413, body: "<html>413 Request Entity Too Large</html>", kind: .tooLarge),
        Case(
            status: 413,
            body:
                #"{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}"#,
            kind: .tooLarge),
        // The rest
        Case(status: 400, body: "", kind: .badRequest),
        Case(status: 400, body: openAI("This response_format type is unavailable now"), kind: .badRequest),
        Case(
            status: 422,
            body: #"{"detail":[{"loc":["body","seed"],"msg":"Extra inputs are not permitted","input":3}]}"#,
            kind: .badRequest),
        Case(status: 500, body: "", kind: .overloaded),
        Case(status: 503, body: openAI("Loading model"), kind: .overloaded),
        Case(status: 529, body: openAI("Overloaded", type: "overloaded_error"), kind: .overloaded),
        Case(
            status: 200, body: #"{"error":{"message":"Upstream error: Service temporarily overloaded","code":502}}"#,
            kind: .overloaded),
        Case(status: 504, body: "", kind: .timeout), Case(status: 408, body: "", kind: .timeout),
        Case(status: 524, body: "<html>", kind: .timeout),
        Case(status: 200, body: "", kind: .badAnswer),
        Case(status: 200, body: "<html>Sign in</html>", kind: .badAnswer),
        Case(status: 200, body: #"{"choices":[]}"#, kind: .badAnswer),
    ]

    @Test("each kind is known by its status and its words", arguments: others)
    func kinds(one: Case) {
        #expect(refusal(one.status, one.body).kind == one.kind)
    }

    @Test(
        "a model's name counts for nothing, and hides nothing", arguments: ["m", "", "e", "guardrail-1", "rate limit"])
    func names(model: String) {
        for body in Self.overflows { #expect(refusal(400, body, model: model).kind == .contextOverflow, "\(body)") }
        #expect(refusal(400, Self.openAI("\(model): a bad value"), model: model).kind == .badRequest)
    }

    @Test("a limit of tokens that alone is more than the context is no matter of this prompt")
    func noRoom() {
        let body = Self.message(
            "'max_tokens' is too large: 9000. This model's maximum context length is 4096 tokens and your request has 20."
        )
        #expect(refusal(400, body, maxTokens: 9000).kind == .badRequest)
        #expect(refusal(400, body, maxTokens: 9000).parameter == RefusedParameter(name: "max_tokens", spare: nil))
        #expect(refusal(400, body, maxTokens: 4000).kind == .contextOverflow)
    }

    @Test("what the prompt speaks of is not taken for the server's words")
    func echoes() {
        let prompt = "My rate limit was exceeded and the insufficient balance blocks me: too many requests!"
        let body = #"{"detail":[{"loc":["body","messages"],"msg":"bad value: \#(prompt)","input":"\#(prompt)"}]}"#
        #expect(refusal(422, body, prompt: prompt).kind == .badRequest)
        #expect(refusal(400, "cannot read: \(prompt)", prompt: prompt).kind == .badRequest)
    }

    @Test("the server's words are shown on one line, without the prompt, the key or what else is private")
    func shown() {
        let prompt = "The secret recipe has\nfour \"eggs\" and one lemon in it"
        let body =
            #"{"error":{"message":"cannot take:\n\tThe secret recipe has\\nfour \\\"eggs\\\" and one lemon with \#(Self.secret) and sk-other-key-1234 \u0007now"}}"#
        let shown = refusal(400, body, prompt: prompt).shown
        #expect(shown.hasPrefix("cannot take: …") && shown.hasSuffix("now"))
        for part in ["recipe", "eggs", "lemon", "canary", "0123", "other-key", "\n", "\u{7}"] {
            #expect(!shown.contains(part), "\(part)")
        }
        let long = refusal(400, Self.openAI(String(repeating: "very ", count: 200))).shown
        #expect(long.count == 200 && long.hasSuffix("…"))
        #expect(refusal(500, "<html>a page</html>").shown.isEmpty)
    }

    @Test(
        "a parameter that the server does not take is known by its name; it may be left out where the question stays the same",
        arguments: [
            (
                "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
                "temperature", .temperature
            ),
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                "max_tokens", .maxTokens
            ),
            ("Unknown parameter: 'seed'.", "seed", .seed),
            ("seed: Input should be less than or equal to 4294967295", "seed", .seed),
            ("Invalid JSON payload received. Unknown name \\\"seed\\\": Cannot find field.", "seed", .seed),
            ("logprobs is not supported by this model", "logprobs", .logprobs),
            ("`temperature` and `top_p` cannot both be specified for this model.", "top_p", .topP),
            ("`temperature` must be strictly positive", "temperature", .temperature),
            ("temperature must be between 0 and 1", "temperature", nil),
            ("max_tokens is too large: 100000", "max_tokens", nil),
            ("max_tokens must be at least 16", "max_tokens", nil),
            ("This response_format type is unavailable now", "response_format", nil),
            ("Unsupported parameter: 'guided_choice'", "guided_choice", nil),
        ] as [(String, String, RefusedParameter.Spare?)])
    func parameters(message: String, name: String, spare: RefusedParameter.Spare?) throws {
        let parameter = try #require(refusal(400, Self.openAI(message)).parameter)
        #expect(parameter.name == name && parameter.spare == spare)
    }

    @Test("a parameter in a field of its own is known too")
    func parameterField() {
        let loc = #"{"detail":[{"loc":["body","seed"],"msg":"Extra inputs are not permitted"}]}"#
        #expect(refusal(422, loc).parameter?.spare == .seed)
        let param = #"{"error":{"message":"no","param":"response_format.json_schema","code":"unsupported"}}"#
        #expect(refusal(400, param).parameter?.name == "response_format")
        #expect(refusal(400, Self.openAI("the prompt should stop here")).parameter == nil)
    }

    @Test(
        "a pause that the body asks for is read",
        arguments: [
            (openAI("Rate limit reached. Please try again in 7.66s. Visit"), Duration.milliseconds(7660)),
            (openAI("Please try again in 1m2.5s"), .milliseconds(62_500)),
            (openAI("try again in 120ms"), .milliseconds(120)),
            (openAI("Please retry after 20 seconds"), .seconds(20)),
            (#"[{"error":{"code":429,"details":[{"@type":"x.RetryInfo","retryDelay":"34s"}]}}]"#, .seconds(34)),
        ])
    func pauses(body: String, pause: Duration) {
        #expect(refusal(429, body).pause == pause)
        #expect(refusal(429, Self.openAI("try again later")).pause == nil)
    }

    @Test("a redirect says where to, without a query, a user or a password")
    func redirects() {
        let refusal = refusal(308, "", headers: ["Location": "https://me:hunter2@new.example/v1/chat/completions?k=1"])
        let error = ModelFailure.error(refusal, model: "m")
        #expect(
            error.code == "model.wrong_address" && error.message.contains("https://new.example/v1/chat/completions)"))
        #expect(!error.message.contains("hunter2"))
    }

    @Test(
        "every kind has a code, a next step, and a status that says whether another time may be better",
        arguments: ServerRefusal.Kind.allCases)
    func failures(kind: ServerRefusal.Kind) throws {
        let found = Self.others.first { $0.kind == kind } ?? Case(status: 400, body: Self.overflows[0], kind: kind)
        let error = ModelFailure.error(refusal(found.status, found.body), model: "m")
        #expect(error.hint != nil && error.code.rawValue.hasPrefix("model."))
        #expect([.tryAgain, .unavailable].contains(error.exitCode) == kind.isPassing)
    }

    @Test("one question that asks for more than the account has in a minute is known")
    func moreThanAllowed() {
        let words =
            "Request too large for gpt on tokens per min (TPM): Limit 6000, Requested 7000. The input must be reduced."
        #expect(refusal(429, Self.openAI(words, code: "rate_limit_exceeded")).asksForMoreThanAllowed)
        let usual = "Rate limit reached on tokens per min (TPM): Limit 6000, Used 5900, Requested 700."
        #expect(!refusal(429, Self.openAI(usual, code: "rate_limit_exceeded")).asksForMoreThanAllowed)
    }
}
