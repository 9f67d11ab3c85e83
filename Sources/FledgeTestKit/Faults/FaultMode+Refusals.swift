/// Refusals of the key, the account, the request or the model, which hit every call alike.
extension FaultMode {
    static let refusals: [FaultMode] = account + requests + models

    private static let account: [FaultMode] = [
        FaultMode(
            "401", "401 in OpenAI's form",
            .openAI(401, "Incorrect API key provided.", code: "invalid_api_key"), .blocks("model.unauthorized")),
        FaultMode("401-empty", "401 without a body", FaultReply(401), .blocks("model.unauthorized")),
        FaultMode(
            "403", "403 in OpenAI's form", .openAI(403, "Country, region, or territory not supported"),
            .blocks("model.unauthorized")),
        FaultMode("403-html", "403 as a firewall's page", .html(403, "403 Forbidden"), .blocks("model.unauthorized")),
        FaultMode(
            "400-key", "400 that means the key, in Google's form",
            .google(400, "API key not valid. Please pass a valid API key.", state: "INVALID_ARGUMENT"),
            .blocks("model.unauthorized")),
        FaultMode(
            "402", "402 Insufficient Balance", .openAI(402, "Insufficient Balance", type: "unknown_error"),
            .blocks("model.no_credit"), cause: "402"),
        FaultMode(
            "402-later", "402 behind 25 calls", .openAI(402, "Insufficient Balance", type: "unknown_error"),
            .blocks("model.no_credit"), reach: .after(25)),
        FaultMode(
            "429-quota", "429 that means an empty account",
            .openAI(
                429, "You exceeded your current quota, please check your plan and billing details.",
                type: "insufficient_quota", code: "insufficient_quota"), .blocks("model.no_credit")),
        FaultMode(
            "400-credit", "400 that means an empty account, in Anthropic's form",
            .anthropic(
                400, "Your credit balance is too low to access the API. Please go to Plans & Billing.",
                type: "invalid_request_error"), .blocks("model.no_credit")),
        FaultMode(
            "403-balance", "403 that means an empty account",
            .openAI(403, "Your account balance is insufficient, please recharge.", code: "insufficient_balance"),
            .blocks("model.no_credit")),
    ]

    private static let requests: [FaultMode] = [
        FaultMode(
            "400", "400 in OpenAI's form", .openAI(400, "Invalid value for 'messages'."), .blocks("model.bad_request"),
            cause: "400"),
        FaultMode("400-empty", "400 without a body", FaultReply(400), .blocks("model.bad_request")),
        FaultMode(
            "400-vllm", "400 in vLLM's form", .vLLM(400, "Invalid request: unsupported operand"),
            .blocks("model.bad_request")),
        FaultMode(
            "422", "422 in FastAPI's form",
            FaultReply(
                422, #"{"detail":[{"loc":["body","messages"],"msg":"field required","type":"value_error.missing"}]}"#),
            .blocks("model.bad_request")),
        FaultMode(
            "413-html", "413 as a proxy's page", .html(413, "413 Request Entity Too Large"),
            .blocks("model.request_too_large")),
        FaultMode(
            "500-template", "500 that means the chat template, in llama.cpp's form",
            FaultReply(
                500,
                #"{"error":{"code":500,"message":"Error: Jinja Exception: System role not supported","type":"server_error"}}"#
            ), .blocks("model.template"), condition: .systemTurn, cause: "Jinja"),
        FaultMode(
            "400-template", "400 that means the chat template, in vLLM's form",
            .vLLM(400, "System role not supported"), .blocks("model.template"), condition: .systemTurn,
            cause: "System role"),
        FaultMode(
            "400-alternate", "400: roles must alternate",
            .vLLM(400, "Conversation roles must alternate user/assistant/user/assistant/..."),
            .blocks("model.template"), cause: "alternate"),
        FaultMode(
            "400-schema", "400: `response_format` is not known",
            .openAI(400, "This response_format type is unavailable now"),
            .blocks("model.bad_request"), condition: .has("response_format"), hasChoices: true,
            cause: "response_format"),
    ]

    private static let models: [FaultMode] = [
        FaultMode(
            "404-model", "404 in OpenAI's form: no such model",
            .openAI(404, "The model `m` does not exist or you do not have access to it.", code: "model_not_found"),
            .blocks("model.unknown"), cause: "m"),
        FaultMode(
            "404-ollama", "404 in Ollama's form: no such model",
            FaultReply(404, #"{"error":{"message":"model \"m\" not found, try pulling it first","type":"api_error"}}"#),
            .blocks("model.unknown"), cause: "m"),
        FaultMode(
            "400-model", "400: no such model",
            .openAI(400, "The requested model 'm' does not exist.", code: "model_not_found"),
            .blocks("model.unknown"), cause: "m"),
    ]
}
