/// Status 200 with something that is no answer.
extension FaultMode {
    /// What another try mends.
    static let oddAnswers: [FaultMode] =
        [
            odd("empty200", "an empty body", FaultReply(200)),
            odd("html200", "a page", .html(200, "Sign in")),
            odd(
                "error200", "an error in the body with the code 502",
                FaultReply(
                    200,
                    #"{"id":"gen-1","error":{"message":"Upstream error: Service temporarily overloaded","code":502}}"#
                ), code: "model.overloaded"),
            odd(
                "error200-429", "an error in the body with the code 429",
                FaultReply(200, #"{"error":{"message":"Rate limit exceeded","code":429}}"#), code: "model.rate_limited"),
            odd("choices-empty", "`choices` empty", .answer { $0.choices = "[]" }),
            odd("choices-null", "`choices` null", .answer { $0.choices = "null" }),
            odd("choices-none", "no `choices`", FaultReply(200, #"{"id":"x","object":"chat.completion"}"#)),
            odd("message-none", "a choice without `message`", .answer { $0.choices = #"[{"index":0}]"# }),
            odd("truncated", "JSON that is cut off", FaultReply(ReplyBody(), coding: .truncated)),
            odd("text200", "plain text", .text(200, "upstream connect error or disconnect/reset before headers")),
            odd("null200", "`null`", FaultReply(200, "null")),
            odd(
                "stream200", "a stream of events",
                FaultReply(
                    200, "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE]\n\n",
                    headers: [("Content-Type", "text/event-stream")])),
            odd(
                "error-choice", "a choice with `finish_reason` error",
                .answer {
                    $0.content = "\"\""
                    $0.finishReason = "\"error\""
                    $0.choice = #","error":{"code":502,"message":"upstream closed"}"#
                }, code: "model.overloaded"),
        ].flatMap(\.self) + [
            FaultMode(
                "error200-402", "200 with an error in the body with the code 402",
                FaultReply(200, #"{"error":{"message":"Insufficient credits","code":402}}"#),
                .blocks("model.no_credit"),
                cause: "402"),
            FaultMode(
                "error200-401", "200 with an error in the body with the code 401",
                FaultReply(200, #"{"error":{"message":"No auth credentials found","code":401}}"#),
                .blocks("model.unauthorized"), cause: "401"),
        ]

    private static func odd(_ name: String, _ says: String, _ reply: FaultReply, code: String = "model.bad_answer")
        -> [FaultMode]
    {
        someAndAll(name, "200 with \(says)", reply, code)
    }

    /// Answers that never were, told by the server itself.
    static let noAnswers: [FaultMode] = [
        noAnswer("cut-off", "content null, `finish_reason` length", as: "cut-off", finishReason: "length"),
        noAnswer(
            "cut-off-reasoning", "only `reasoning_content`, `finish_reason` length", as: "cut-off",
            finishReason: "length", message: #","reasoning_content":"Let me think about what""#),
        noAnswer(
            "reasoning-only", "only `reasoning_content`, `finish_reason` stop", as: "reasoning-only",
            content: "\"\"", message: #","reasoning_content":"The answer is @@""#),
        noAnswer(
            "reasoning-field", "only `reasoning`, `finish_reason` stop", as: "reasoning-only",
            message: #","reasoning":"The answer is @@""#),
        noAnswer(
            "filtered", "content null, `finish_reason` content_filter", as: "filtered", finishReason: "content_filter"),
        noAnswer(
            "refused", "content null, `refusal` filled", as: "refused",
            message: #","refusal":"I can't help with that.""#),
        noAnswer("content-null", "content null, `finish_reason` stop", as: "empty"),
        noAnswer("content-empty", "content empty, `finish_reason` stop", as: "empty", content: "\"\""),
        noAnswer("content-blank", "content of blanks", as: "empty", content: #"" \n""#),
        FaultMode(
            "content-none", "a message without content",
            .answer { $0.choices = #"[{"index":0,"message":{"role":"assistant"},"finish_reason":"stop"}]"# },
            .countsApart("empty")),
        noAnswer(
            "tool-call", "a tool's call instead of content", as: "empty", finishReason: "tool_calls",
            message: #","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]"#),
        noAnswer(
            "unreadable-choice", "JSON that ends too early where one of the labels is asked for", as: "unreadable",
            content: #""{\"answer\": ""#, hasChoices: true),
    ]

    /// - Parameters:
    ///   - word: what the example is counted apart under.
    ///   - content: as it stands in the JSON.
    ///   - message: further members of the message, each with a comma before it.
    private static func noAnswer(
        _ name: String, _ says: String, as word: String, content: String = "null", finishReason: String = "stop",
        message: String = "", hasChoices: Bool = false
    ) -> FaultMode {
        let reply = FaultReply.answer {
            $0.content = content
            $0.finishReason = "\"\(finishReason)\""
            $0.message = message
        }
        return FaultMode(name, says, reply, .countsApart(word), hasChoices: hasChoices)
    }
}
