/// Right answers with parts that are odd: what isn't used must not lose the answer.
extension FaultMode {
    static let oddParts: [FaultMode] =
        [
            odd("parts", "content as a list of parts") { $0.content = #"[{"type":"text","text":"@@"}]"# },
            odd("parts-thinking", "content with a part that thinks") {
                $0.content =
                    #"[{"type":"thinking","thinking":[{"type":"text","text":"even or odd"}]},{"type":"text","text":"@@"}]"#
            },
            odd("finish-none", "no `finish_reason`") { $0.finishReason = nil },
            odd("finish-null", "`finish_reason` null") { $0.finishReason = "null" },
            odd("finish-odd", "`finish_reason` eos_token") { $0.finishReason = "\"eos_token\"" },
            odd("finish-number", "`finish_reason` as a number") { $0.finishReason = "1" },
            odd("choices-two", "two choices") { reply in
                reply.choices =
                    #"[{"index":0,"message":{"role":"assistant","content":"@@"},"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]"#
            },
            odd("key-twice", "a member twice") { $0.whole = #""id":"y","# },
            odd("members-unknown", "members that nobody knows") { $0.whole = #""provider":{"name":["x",null,1e9]},"# },
            odd("created-text", "`created` as text") { $0.whole = #""system_fingerprint":null,"service_tier":7,"# },
            odd("reasoning-besides", "`reasoning_content` besides the answer") {
                $0.message = #","reasoning_content":"It is even or odd.""#
            },
            odd("tool-calls-empty", "`tool_calls` empty besides the answer") { $0.message = #","tool_calls":[]"# },
            odd("refusal-null", "`refusal` null besides the answer") { $0.message = #","refusal":null"# },
            odd("lp-null", "a log probability that is null") { $0.choice = logprobs("null") },
            odd("lp-infinity", "a log probability of -Infinity") { $0.choice = logprobs("-Infinity") },
            odd("lp-nan", "a log probability of NaN") { $0.choice = logprobs("NaN") },
            odd("lp-old", "log probabilities in the old form") {
                $0.choice = #","logprobs":{"tokens":["a"],"token_logprobs":[-0.1]}"#
            },
            odd("lp-array", "log probabilities as an empty list") { $0.choice = #","logprobs":[]"# },
            odd("usage-null", "`usage` null") { $0.usage = "null" },
            odd("usage-none", "no `usage`") { $0.usage = nil },
            odd("usage-zero", "`usage` of nothing") { $0.usage = ReplyBody.usage(prompt: "0", completion: "0") },
            odd("usage-negative", "`usage` below nothing") {
                $0.usage = ReplyBody.usage(prompt: "-1", completion: "-1")
            },
            odd("usage-fraction", "`usage` in fractions") {
                $0.usage = ReplyBody.usage(prompt: "20.5", completion: "2.0")
            },
            odd("usage-text", "`usage` as text") { $0.usage = ReplyBody.usage(prompt: "\"20\"", completion: "\"2\"") },
            odd("usage-huge", "`usage` above 64 bits") {
                $0.usage = ReplyBody.usage(prompt: "99999999999999999999", completion: "2")
            },
            odd("usage-total", "`usage` with the total alone") { $0.usage = #"{"total_tokens":22}"# },
            odd("usage-list", "`usage` as a list") { $0.usage = "[]" },
            odd("usage-details-odd", "odd details of `usage`") {
                $0.usage = ReplyBody.usage(
                    prompt: "20", completion: "2",
                    more: #","prompt_tokens_details":[],"completion_tokens_details":"none""#)
            },
            FaultMode("bom", "200 with a byte order mark", FaultReply(ReplyBody(), coding: .byteOrderMark), .mended),
            FaultMode(
                "content-type-odd", "200 as text/html, which is JSON",
                FaultReply(200, ReplyBody().text, headers: [("Content-Type", "text/html")]), .mended),
            FaultMode("status-201", "201 instead of 200", FaultReply(201, ReplyBody().text), .mended),
            FaultMode("gzip", "200 in gzip", FaultReply(ReplyBody(), coding: .gzip), .mended),
            FaultMode("chunked", "200 in chunks", FaultReply(ReplyBody(), delivery: .chunked), .mended),
            FaultMode("until-close", "200 without a length", FaultReply(ReplyBody(), delivery: .untilClose), .mended),
            FaultMode(
                "fence", "200 with the answer's JSON in a fence", .answer { $0.content = #""```json\n@@\n```""# },
                .mended,
                hasChoices: true),
        ]

    private static func odd(_ name: String, _ says: String, _ change: (inout ReplyBody) -> Void) -> FaultMode {
        FaultMode(name, "200 with \(says)", .answer(change), .mended)
    }

    private static func logprobs(_ value: String) -> String {
        #","logprobs":{"content":[{"token":"a","logprob":\#(value),"top_logprobs":[]}]}"#
    }
}
