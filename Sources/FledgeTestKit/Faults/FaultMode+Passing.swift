/// Statuses that say "not now", and limits on calls.
extension FaultMode {
    static let passing: [FaultMode] =
        [
            someAndAll("408", "408 Request Timeout", .text(408, "Request Timeout"), "model.timeout"),
            someAndAll("409", "409 Conflict", .openAI(409, "The resource is locked"), "model.overloaded"),
            someAndAll("425", "425 Too Early", .text(425, "Too Early"), "model.overloaded"),
            someAndAll(
                "429", "429 in OpenAI's form",
                .openAI(429, "Rate limit reached for requests", type: "requests", code: "rate_limit_exceeded"),
                "model.rate_limited"),
            someAndAll("429-empty", "429 without a body", FaultReply(429), "model.rate_limited"),
            someAndAll(
                "500", "500 in OpenAI's form",
                .openAI(500, "The server had an error while processing your request.", type: "server_error"),
                "model.overloaded"),
            someAndAll("500-empty", "500 without a body", FaultReply(500), "model.overloaded"),
            someAndAll("502-html", "502 as a proxy's page", .html(502, "502 Bad Gateway"), "model.overloaded"),
            someAndAll("503-empty", "503 without a body", FaultReply(503), "model.overloaded"),
            someAndAll(
                "503-google", "503 in Google's form",
                .google(503, "The model is overloaded. Please try again later.", state: "UNAVAILABLE"),
                "model.overloaded"),
            someAndAll("504-html", "504 as a proxy's page", .html(504, "504 Gateway Time-out"), "model.timeout"),
            someAndAll(
                "520", "520 of a content network", .html(520, "Web server returns an unknown error"), "model.overloaded"
            ),
            someAndAll("524", "524 of a content network", .html(524, "A timeout occurred"), "model.timeout"),
            someAndAll(
                "529", "529 in Anthropic's form", .anthropic(529, "Overloaded", type: "overloaded_error"),
                "model.overloaded"),
        ].flatMap(\.self) + limits

    private static let limits: [FaultMode] = [
        FaultMode(
            "413-tokens-per-minute", "413 that means a limit of tokens a minute, each fourth call",
            .openAI(
                413, "Rate limit reached on tokens per minute (TPM): Limit 6000, Used 5800, Requested 700",
                type: "tokens",
                code: "rate_limit_exceeded"), .mended, reach: .nth(4)),
        FaultMode(
            "403-rate", "403 that means a rate limit, each fifth call",
            FaultReply(403, #"{"error":{"code":403,"message":"Rate Limit Exceeded","status":"RESOURCE_EXHAUSTED"}}"#),
            .mended, reach: .nth(5)),
        FaultMode(
            "429-after-0", "429 with `Retry-After: 0`, each fifth call", tooMany.with("Retry-After", "0"), .mended,
            reach: .nth(5)),
        FaultMode(
            "429-after-1", "429 with `Retry-After: 1`, each twentieth call", tooMany.with("Retry-After", "1"), .mended,
            reach: .nth(20)),
        FaultMode(
            "429-after-date", "429 with a date in `Retry-After`, each fifth call",
            tooMany.with("Date", "Sun, 06 Nov 1994 08:49:37 GMT").with("Retry-After", "Sun, 06 Nov 1994 08:49:38 GMT"),
            .mended, reach: .nth(5)),
        FaultMode(
            "429-after-odd", "429 with `Retry-After: soon`, each fifth call", tooMany.with("Retry-After", "soon"),
            .mended, reach: .nth(5)),
        FaultMode(
            "429-after-negative", "429 with `Retry-After: -5`, each fifth call", tooMany.with("Retry-After", "-5"),
            .mended, reach: .nth(5)),
        FaultMode(
            "429-after-day", "429 with `Retry-After: 86400`", tooMany.with("Retry-After", "86400"),
            .blocks("model.rate_limited")),
        FaultMode(
            "429-first-two", "429 to the first two tries of each question", tooMany, .mended, reach: .first(2)),
        FaultMode(
            "12-per-minute", "429 without `Retry-After` above 12 calls a minute", tooMany, .mended,
            reach: .perMinute(12)),
    ]

    private static let tooMany = FaultReply.openAI(429, "Rate limit reached", type: "requests")
}
