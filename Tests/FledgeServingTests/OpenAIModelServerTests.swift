import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Testing

@testable import FledgeServing

@Suite("An OpenAI-compatible server")
struct OpenAIModelServerTests {
    private let http = CurlClient()
    private let quick = RetryPolicy(attempts: 4, base: .milliseconds(1), cap: .milliseconds(4))
    private let question = CompletionRequest(
        model: "m", adapter: nil, messages: [ChatMessage(role: .user, content: "canary-prompt")],
        decoding: DecodingDefinition(maxTokens: 8, seed: 3, stop: ["\n"]), choices: nil)

    private func server(_ script: ScriptedServer, key: SecretReference? = nil, timeout: Duration = .seconds(20))
        -> OpenAIModelServer
    {
        OpenAIModelServer(base: script.base, key: key, http: http, retries: quick, timeout: timeout)
    }

    @Test("an answer carries its text, reason and tokens")
    func answer() async throws {
        let seen = try await ScriptedServer.with(["{}"]) { script in
            let completion = try await server(script).complete(question)
            #expect(completion.text == "fine")
            #expect(completion.finishReason == "stop")
            #expect(completion.promptTokens == 7)
            #expect(completion.cachedTokens == 5)
            #expect(completion.completionTokens == 2)
            #expect(completion.latencyMicroseconds > 0)
        }
        #expect(seen.map(\.path) == ["/v1/chat/completions"])
        let body = try #require(seen.first?.body)
        for part in [#""max_tokens":8"#, #""seed":3"#, #""temperature":0"#, #""stop":["\n"]"#] {
            #expect(body.contains(part))
        }
    }

    @Test(
        "a passing failure is tried again until the answer comes",
        arguments: [
            #"{"status": 429, "fields": {"Retry-After": "0"}}"#, #"{"status": 429, "fields": {"retry-after-ms": "5"}}"#,
            #"{"status": 503, "fields": {"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}}"#,
            #"{"status": 408}"#, #"{"status": 409}"#, #"{"status": 500}"#, #"{"status": 503}"#, #"{"cut": true}"#,
        ])
    func retried(step: String) async throws {
        let seen = try await ScriptedServer.with([step, step, "{}"]) { script in
            let completion = try await server(script).complete(question)
            #expect(completion.text == "fine")
        }
        #expect(seen.count == 3)
    }

    @Test(
        "a failure that stays is told by its code, after as many calls as make sense, without prompt or answer",
        arguments: [
            (#"{"status": 401, "body": "canary-answer"}"#, "model.unauthorized", 1),
            (#"{"status": 403}"#, "model.unauthorized", 1),
            (#"{"status": 404}"#, "model.unknown", 1),
            (#"{"status": 400, "body": {"error": {"code": "context_length_exceeded"}}}"#, "model.context_overflow", 1),
            (
                #"{"status": 400, "body": {"error": {"type": "exceed_context_size_error"}}}"#, "model.context_overflow",
                1
            ),
            (#"{"status": 422, "body": "canary-answer"}"#, "model.bad_request", 1),
            (#"{"status": 429}"#, "model.overloaded", 4),
            (#"{"status": 429, "fields": {"Retry-After": "3600"}}"#, "model.overloaded", 1),
            (#"{"status": 500}"#, "model.overloaded", 4),
            (#"{"cut": true}"#, "model.unreachable", 4),
            (#"{"body": "not a completion"}"#, "model.bad_answer", 1),
        ])
    func failures(step: String, code: String, calls: Int) async throws {
        let seen = try await ScriptedServer.with([step]) { script in
            let error = await #expect(throws: FledgeError.self) { try await server(script).complete(question) }
            #expect(error?.code.rawValue == code)
            #expect(error?.hint != nil)
            #expect(error?.description.contains("canary") == false)
        }
        // libcurl itself sends once more when a kept connection turns out to be dead.
        #expect(seen.count == calls || (step.contains("cut") && seen.count == calls + 1))
    }

    @Test("a server that does not answer in time, and one that is not there, are told apart")
    func silent() async throws {
        _ = try await ScriptedServer.with([#"{"hang": true}"#]) { script in
            let error = await #expect(throws: FledgeError.self) {
                try await server(script, timeout: .milliseconds(60)).complete(question)
            }
            #expect(error?.code == "model.timeout")
            #expect(error?.exitCode == .tryAgain)
        }
        let gone = OpenAIModelServer(
            base: "http://127.0.0.1:1/v1", key: nil, dialect: .openAI, http: http, retries: quick)
        let error = await #expect(throws: FledgeError.self) { try await gone.complete(question) }
        #expect(error?.code == "model.unreachable")
        #expect(error?.exitCode == .unavailable)
    }

    @Test("the key is read from its reference when the call is made, and a missing one is told by name")
    func keys() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("canary-key\n".utf8).write(to: file)
        let seen = try await ScriptedServer.with(["{}"]) { script in
            _ = try await server(script, key: .file(file.path)).complete(question)
            let error = await #expect(throws: FledgeError.self) {
                try await server(script, key: .env("FLEDGE_NO_SUCH_KEY")).complete(question)
            }
            #expect(error?.code == "model.unauthorized")
            #expect(error?.message.contains("env:FLEDGE_NO_SUCH_KEY") == true)
        }
        #expect(seen.map(\.authorization) == ["Bearer canary-key"])
    }

    @Test(
        "choices go out in the server's own dialect",
        arguments: [
            ("llamacpp", #""grammar":"root ::= \"a\\\"b\" | \"c\"""#),
            ("vllm", #""structured_outputs":{"choice":["a\"b","c"]}"#),
            ("somebody", #""enum":["a\"b","c"]"#),
        ])
    func dialects(ownedBy: String, part: String) async throws {
        var request = question
        request.choices = ["a\"b", "c"]
        let step = #"{"body": {"choices": [{"message": {"content": "{\"answer\": \"c\"}"}}]}}"#
        let seen = try await ScriptedServer.with([step], ownedBy: ownedBy) { script in
            let text = try await server(script).complete(request).text
            #expect(text == (ownedBy == "somebody" ? "c" : #"{"answer": "c"}"#))
        }
        #expect(seen.first?.body.contains(part) == true)
    }

    @Test("a name that the server does not list is refused, where the server would answer under any name")
    func unlisted() async throws {
        var request = question
        request.model = "another"
        let seen = try await ScriptedServer.with(["{}"], ownedBy: "llamacpp") { script in
            let error = await #expect(throws: FledgeError.self) { try await server(script).complete(request) }
            #expect(error?.code == "model.unknown")
        }
        #expect(seen.isEmpty)
    }

    @Test("the revision of a remote model tells no user or password of its address")
    func revision() async throws {
        let server = OpenAIModelServer(base: "https://me:hunter2@example.org/v1/", key: nil, http: http)
        #expect(try await server.revision(of: "m") == "m@https://example.org/v1")
    }
}
