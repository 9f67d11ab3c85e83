import FledgeCore
import FledgeDocument
import FledgeEngine
import Testing

@testable import FledgeServing

@Suite("What is read from an answer")
struct ChatReplyTests {
    private func completion(
        _ body: String, choices: [String]? = nil, reasoning: ReasoningHandling? = nil
    ) throws -> Completion {
        let request = CompletionRequest(
            model: "m", adapter: nil, messages: [ChatMessage(role: .user, content: "x")],
            decoding: DecodingDefinition(reasoning: reasoning), choices: choices)
        guard case .success(let answer) = ChatAnswer.read(Array(body.utf8)) else {
            throw FledgeError("model.bad_answer", "no answer: \(body)")
        }
        return Completion(answer, to: request, isWrapped: choices != nil, exchange: .milliseconds(3))
    }

    private static func choice(_ message: String, _ more: String = #""finish_reason":"stop""#) -> String {
        #"{"choices":[{"message":{"role":"assistant",\#(message)},\#(more)}]}"#
    }

    @Test(
        "a text is read in each form that it comes in, whatever stands beside it",
        arguments: [
            choice(#""content":"a""#), choice(#""content":[{"type":"text","text":"a"}]"#), choice(#""content":["a"]"#),
            choice(
                #""content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"a"}]"#),
            choice(#""content":{"type":"text","text":"a"}"#), choice(#""content":"a","refusal":null,"tool_calls":7"#),
            choice(#""content":"a","reasoning_content":"even or odd""#),
            choice(#""content":"a""#, #""logprobs":[],"finish_reason":{"type":"stop"}"#),
            #"{"choices":[{"text":"a"}],"id":[],"usage":"none","created":null}"#,
            #"{"choices":[{"message":{"content":"a"}},{"message":{"content":"b"}}]}"#,
        ])
    func texts(body: String) throws {
        let completion = try completion(body)
        #expect(completion.text == "a" && completion.shortfall == nil)
    }

    @Test("half a surrogate pair becomes U+FFFD")
    func surrogate() throws {
        #expect(try completion(Self.choice(#""content":"a\ud83d""#)).text == "a\u{FFFD}")
    }

    @Test(
        "tokens are what the server says of them, and unknown where it says nothing that can be",
        arguments: [
            (#""prompt_tokens":20,"completion_tokens":2"#, 20, 2),
            (#""prompt_tokens":"20","completion_tokens":"2""#, 20, 2),
            (#""prompt_tokens":20.0,"completion_tokens":2.5"#, 20, nil),
            (#""prompt_tokens":0,"completion_tokens":0"#, nil, nil),
            (#""prompt_tokens":-1,"completion_tokens":-1"#, nil, nil), (#""prompt_tokens":20"#, 20, nil),
            (#""total_tokens":22"#, nil, nil), (#""total_tokens":22,"completion_tokens":2"#, 20, 2),
            (#""total_tokens":22,"prompt_tokens":20"#, 20, 2), (#""total_tokens":1,"prompt_tokens":20"#, 20, nil),
            (#""prompt_tokens":null,"completion_tokens":[]"#, nil, nil),
            (#""input_tokens":20,"output_tokens":2"#, 20, 2),
            (#""prompt_tokens":"many","completion_tokens":1e400"#, nil, nil), ("", nil, nil),
        ] as [(String, Int?, Int?)])
    func usage(usage: String, prompt: Int?, completion expected: Int?) throws {
        let completion = try completion(
            #"{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"usage":{\#(usage)}}"#)
        #expect(completion.promptTokens == prompt && completion.completionTokens == expected)
        #expect(completion.text == "a")
    }

    @Test("no usage at all is unknown usage", arguments: ["", #","usage":null"#, #","usage":[]"#])
    func noUsage(rest: String) throws {
        let completion = try completion(#"{"choices":[{"message":{"content":"a"}}]\#(rest)}"#)
        #expect(completion.promptTokens == nil && completion.completionTokens == nil)
    }

    @Test(
        "a log probability is the sum over all tokens, or unknown",
        arguments: [
            (#"{"content":[{"logprob":-0.5},{"logprob":-1}]}"#, -1.5), (#"{"content":[{"logprob":null}]}"#, nil),
            (#"{"content":[{"logprob":-0.5},{"logprob":-Infinity}]}"#, nil), (#"{"content":[{"logprob":NaN}]}"#, nil),
            (#"{"content":[{"logprob":-1e308},{"logprob":-1e308}]}"#, nil),
            (#"{"content":[]}"#, nil), ("[]", nil), ("null", nil), (#"{"content":null}"#, nil),
            (#"{"tokens":["a"],"token_logprobs":[-0.1]}"#, nil), (#"{"content":[{"token":"a"}]}"#, nil), ("7", nil),
        ] as [(String, Double?)])
    func logProbabilities(value: String, expected: Double?) throws {
        let completion = try completion(Self.choice(#""content":"a""#, #""logprobs":\#(value)"#))
        #expect(completion.text == "a" && completion.logProbability == expected)
    }

    @Test(
        "why there is no whole answer is kept",
        arguments: [
            (choice(#""content":null"#, #""finish_reason":"length""#), .cutOff),
            (choice(#""content":null,"reasoning_content":"Let me""#, #""finish_reason":"length""#), .cutOff),
            (choice(#""content":"a bit""#, #""finish_reason":"MAX_TOKENS""#), .cutOff),
            (choice(#""content":"","reasoning_content":"The answer is a""#), .reasoningOnly),
            (choice(#""content":null,"reasoning":"The answer is a""#), .reasoningOnly),
            (choice(#""content":[{"type":"thinking","thinking":"hm"}]"#), .reasoningOnly),
            (choice(#""content":null"#, #""finish_reason":"content_filter""#), .filtered),
            (choice(#""content":"I""#, #""finish_reason":"SAFETY""#), .filtered),
            (choice(#""content":null,"refusal":"I can't help with that.""#), .refused),
            (choice(#""content":[{"type":"refusal","refusal":"no"}]"#), .refused),
            (choice(#""content":"""#, #""finish_reason":"refusal""#), .refused),
            (choice(#""content":null"#), .empty), (choice(#""content":" \n""#), .empty),
            (choice(#""role":"x""#), .empty),
            (choice(#""content":null,"tool_calls":[{}]"#, #""finish_reason":"tool_calls""#), .empty),
        ] as [(String, AnswerShortfall)])
    func shortfalls(body: String, expected: AnswerShortfall) throws {
        #expect(try completion(body).shortfall == expected)
    }

    @Test("a choice that took all tokens is a whole answer, also within its JSON")
    func wholeChoice() throws {
        let cut = #""finish_reason":"length""#
        #expect(try completion(Self.choice(#""content":"a""#, cut), choices: ["a", "b"]).shortfall == nil)
        let wrapped = try completion(Self.choice(#""content":"{\"answer\": \"a\"}  ""#, cut), choices: ["a", "b"])
        #expect(wrapped.text == "a" && wrapped.shortfall == nil)
        #expect(try completion(Self.choice(#""content":"{\"answer\": \"""#, cut), choices: ["a"]).shortfall == .cutOff)
    }

    @Test(
        "nothing in an object is as little of an answer as nothing at all",
        arguments: [#""content":"{\"answer\": \"\"}""#, #""content":"{\"answer\": \" \\n\"}""#, #""content":" ""#])
    func wrappedNothing(message: String) throws {
        #expect(try completion(Self.choice(message), choices: ["a", "b"]).shortfall == .empty)
    }

    @Test("nothing is an answer where it is one of the labels")
    func emptyLabel() throws {
        let answer = try completion(Self.choice(#""content":"{\"answer\": \"\"}""#), choices: ["a", ""])
        #expect(answer.text.isEmpty && answer.isWhole)
    }

    @Test("reasoning in tags is split off where that is declared, and marked where it is not")
    func tags() throws {
        let body = Self.choice(#""content":"<think>a or b</think>\n\na""#)
        let stripped = try completion(body, reasoning: .strip)
        #expect(stripped.text == "a" && stripped.shortfall == nil && stripped.hasReasoningTags == nil)
        let whole = try completion(body)
        #expect(whole.text.hasPrefix("<think>") && whole.shortfall == nil && whole.hasReasoningTags == true)
        let open = Self.choice(#""content":"<think>a or""#, #""finish_reason":"length""#)
        #expect(try completion(open, reasoning: .strip).shortfall == .cutOff)
        #expect(
            try completion(Self.choice(#""content":"<think>a or""#), reasoning: .strip).shortfall == .reasoningOnly)
        #expect(try completion(Self.choice(#""content":"a""#), reasoning: .strip).text == "a")
    }

    @Test(
        "an error under a status of success is one, with its code",
        arguments: [
            (#"{"error":{"message":"Upstream error","code":502}}"#, 502),
            (#"{"error":{"code":"429","message":"x"}}"#, 429),
            (
                choice(#""content":"""#, #""finish_reason":"error","error":{"code":502,"message":"upstream closed"}"#),
                502
            ),
            (choice(#""content":"a""#, #""finish_reason":"error""#), nil), (#"{"error":"overloaded"}"#, nil),
            (choice(#""content":"a""#, #""finish_reason":"insufficient_system_resource""#), nil),
        ] as [(String, Int?)])
    func errors(body: String, status: Int?) {
        guard case .failure(let words) = ChatAnswer.read(Array(body.utf8)) else {
            Issue.record("taken for an answer: \(body)")
            return
        }
        #expect(words.hasError && words.status == status && !words.message.isEmpty)
    }

    @Test(
        "what holds no answer is none",
        arguments: [
            "", "  ", "<html>Sign in</html>", "{}", "[]", #"{"choices":[]}"#, #"{"choices":null}"#,
            #"{"choices":[{}]}"#,
        ])
    func nothing(body: String) {
        guard case .failure(let words) = ChatAnswer.read(Array(body.utf8)) else {
            Issue.record("taken for an answer: \(body)")
            return
        }
        #expect(!words.hasError)
    }
}
