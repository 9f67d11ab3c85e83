import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
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

    private func server(
        _ script: ScriptedServer, key: SecretReference? = nil, timeout: Duration = .seconds(20),
        clock: VirtualClock = VirtualClock()
    ) -> OpenAIModelServer {
        OpenAIModelServer(
            address: ServerAddress(base: script.base, key: key), secrets: Self.secrets(key, at: script.base),
            http: http, retries: quick, timeout: timeout,
            clock: clock.limitClock)
    }

    /// Reads this one key, for this one server.
    private static func secrets(_ key: SecretReference?, at base: String) -> SecretReader {
        guard let key, let host = ServerHost(url: base) else { return SecretReader() }
        let name =
            switch key {
            case .env(let name): name;
            case .file(let path): path
            }
        return SecretReader(rules: KeyRules(hosts: [name: [host]]))
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
            #"{"status": 429}"#, #"{"status": 413, "body": {"error": {"code": "rate_limit_exceeded"}}}"#,
            #"{"status": 408}"#, #"{"status": 409}"#, #"{"status": 500}"#, #"{"status": 503}"#, #"{"cut": true}"#,
            // Under a status of success.
            #"{"body": {"error": {"message": "Upstream error", "code": 502}}}"#, #"{"body": {"choices": []}}"#,
            #"{"page": ""}"#, #"{"page": "<html>Sign in</html>"}"#,
            #"{"body": {"choices": [{"message": {"content": ""}, "finish_reason": "error"}]}}"#,
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
            (#"{"status": 402}"#, "model.no_credit", 1),
            (#"{"status": 404, "page": "<html>canary-answer</html>"}"#, "model.wrong_address", 1),
            (#"{"status": 404, "body": {"error": {"message": "no model m"}}}"#, "model.unknown", 1),
            (#"{"status": 308, "fields": {"Location": "http://127.0.0.1:1/v1"}}"#, "model.wrong_address", 1),
            (#"{"status": 400, "body": {"error": {"code": "context_length_exceeded"}}}"#, "model.context_overflow", 1),
            (
                #"{"status": 400, "body": {"error": {"type": "exceed_context_size_error"}}}"#, "model.context_overflow",
                1
            ),
            (#"{"status": 400, "body": {"error": {"code": "content_filter"}}}"#, "model.filtered", 1),
            (#"{"status": 422, "body": "canary-answer"}"#, "model.bad_request", 1),
            (#"{"status": 400, "body": {"error": {"message": "no: canary-prompt"}}}"#, "model.bad_request", 1),
            (#"{"status": 500, "body": {"error": {"message": "Jinja Exception"}}}"#, "model.template", 1),
            (#"{"status": 413}"#, "model.request_too_large", 1),
            (#"{"status": 429, "fields": {"Retry-After": "3600"}}"#, "model.rate_limited", 1),
            (#"{"status": 500}"#, "model.overloaded", 4),
            (#"{"cut": true}"#, "model.unreachable", 4),
            (#"{"page": "no completion"}"#, "model.bad_answer", 4),
            (#"{"body": {"error": {"message": "Upstream error", "code": 502}}}"#, "model.overloaded", 4),
            (#"{"body": {"error": {"message": "no money", "code": 402}}}"#, "model.no_credit", 1),
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

    @Test("a server that takes no call for ten minutes is given up then, after few calls")
    func patience() async throws {
        let clock = VirtualClock()
        let seen = try await ScriptedServer.with([#"{"status": 429}"#]) { script in
            let error = await #expect(throws: FledgeError.self) {
                try await server(script, clock: clock).complete(question)
            }
            #expect(error?.code == "model.rate_limited" && error?.exitCode == .tryAgain)
        }
        #expect((.seconds(600)...(.seconds(720))).contains(clock.elapsed))
        #expect((8...20).contains(seen.count))
    }

    @Test("a question that is larger than the account's limit is given up alone")
    func hopeless() async throws {
        let step =
            #"{"status": 413, "body": {"error": {"code": "rate_limit_exceeded", "message": "Request too large on tokens per minute (TPM): Limit 6000, Requested 7000"}}}"#
        let seen = try await ScriptedServer.with([step]) { script in
            let error = await #expect(throws: FledgeError.self) { try await server(script).complete(question) }
            #expect(error?.code == "model.context_overflow")
        }
        #expect(seen.count == 3)
    }

    @Test(
        "what a server does not take is left out, learnt once, and told",
        arguments: [
            (
                "temperature",
                "'temperature' does not support 0 with this model. Only the default (1) value is supported."
            ),
            ("seed", "Unknown parameter: 'seed'."),
            ("max_tokens", "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
        ])
    func leftOut(parameter: String, message: String) async throws {
        let body = #"{"error": {"message": "\#(message)", "param": "\#(parameter)"}}"#
        let step = #"{"without": "\#(parameter)", "status": 400, "body": \#(body)}"#
        let seen = try await ScriptedServer.with([step]) { script in
            let server = server(script)
            for _ in 0..<3 {
                let text = try await server.complete(question).text
                #expect(text == "fine")
            }
            #expect(server.leftOut(for: "m") == [parameter])
            #expect(server.leftOut(for: "another").isEmpty)
        }
        #expect(seen.count == 4)
        #expect(seen.dropFirst().allSatisfy { !$0.body.contains("\"\(parameter)\"") })
    }

    @Test("a parameter that is refused although it was left out, or that the question needs, is told by its name")
    func stillRefused() async throws {
        let stubborn = #"{"status": 400, "body": {"error": {"message": "Unknown parameter: 'seed'."}}}"#
        let seen = try await ScriptedServer.with([stubborn]) { script in
            let error = await #expect(throws: FledgeError.self) { try await server(script).complete(question) }
            #expect(error?.code == "model.bad_request" && error?.message.contains("seed") == true)
        }
        #expect(seen.count == 2)
        let format = #"{"status": 400, "body": {"error": {"message": "This response_format type is unavailable now"}}}"#
        _ = try await ScriptedServer.with([format]) { script in
            let error = await #expect(throws: FledgeError.self) { try await server(script).complete(question) }
            #expect(error?.message.contains("does not accept response_format (status 400: This") == true)
        }
    }

    @Test(
        "completions go on without a list of models",
        arguments: [
            #"{"status": 401}"#, #"{"status": 403}"#, #"{"status": 404, "page": "<html>"}"#, #"{"status": 405}"#,
            #"{"status": 500}"#, #"{"status": 501}"#, #"{"status": 429}"#, #"{"page": "<html>Sign in</html>"}"#,
            #"{"body": {"data": null}}"#, #"{"body": [{"id": "m"}]}"#, #"{"body": {"models": [{"name": "m"}]}}"#,
        ])
    func noList(list: String) async throws {
        _ = try await ScriptedServer.with(["{}"], list: list) { script in
            let server = server(script)
            let text = try await server.complete(question).text
            let oddity = try await server.check("m")
            #expect(text == "fine" && oddity == nil)
        }
    }

    @Test(
        "the day on which a model is shut down is read as each service tells it",
        arguments: [
            (#""shutdown_date": "2027-01-14""#, "2027-01-14"), (#""expiration_date": "2026-11-08""#, "2026-11-08"),
            (#""deprecation": "2026-08-31T12:00:00Z""#, "2026-08-31"),
            (#""deprecation": {"fine_tune": 1677662127, "inference": 1709284527}"#, "2024-03-01"),
            (#""shutdown_date": null"#, nil), (#""deprecation": true, "shutdown_date": "soon""#, nil),
        ] as [(String, String?)])
    func shutdown(field: String, day: String?) async throws {
        let list = #"{"body": {"data": [{"id": "m", "owned_by": "openai", \#(field)}, {"id": "n"}]}}"#
        _ = try await ScriptedServer.with(["{}"], list: list) { script in
            let found = await server(script).shutdown(of: "m")
            let other = await server(script).shutdown(of: "n")
            #expect(found?.description == day && other == nil)
        }
    }

    @Test(
        "whether an address takes completions is seen without asking anything",
        arguments: [
            (#"{"status": 400}"#, nil), (#"{"status": 422, "body": {"detail": []}}"#, nil), (#"{"status": 429}"#, nil),
            (#"{"cut": true}"#, nil), (#"{"status": 500}"#, nil),
            (#"{"status": 404, "page": "<html>404</html>"}"#, "model.wrong_address"),
            (#"{"status": 405}"#, "model.wrong_address"),
            (#"{"status": 401}"#, "model.unauthorized"), (#"{"status": 301}"#, "model.wrong_address"),
            (#"{"body": {"error": "Unexpected endpoint or method. (POST /chat/completions)"}}"#, "model.wrong_address"),
        ] as [(String, String?)])
    func probe(step: String, code: String?) async throws {
        let seen = try await ScriptedServer.with([step]) { script in
            let server = server(script)
            var found: String?
            do { _ = try await server.check("m") } catch let error as FledgeError { found = error.code.rawValue }
            #expect(found == code)
        }
        #expect(seen.allSatisfy { $0.body == "{}" } && !seen.isEmpty)
    }

    @Test("a deployment at Azure is asked at its own path, by its version, with its own field for the key")
    func azure() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("canary-key\n".utf8).write(to: file)
        let seen = try await ScriptedServer.with(["{}"], list: #"{"status": 404}"#) { script in
            let address = ServerAddress(
                azure: String(script.base.dropLast(3)), deployment: "d-1", apiVersion: "2024-10-21",
                key: .file(file.path))
            let server = OpenAIModelServer(
                address: address, secrets: Self.secrets(address.key, at: script.base), http: http, retries: quick)
            let text = try await server.complete(question).text
            let revision = try await server.revision(of: "m")
            #expect(text == "fine" && revision.hasSuffix("/openai/deployments/d-1?api-version=2024-10-21"))
        }
        #expect(seen.map(\.path) == ["/openai/deployments/d-1/chat/completions?api-version=2024-10-21"])
        #expect(seen.map(\.apiKey) == ["canary-key"] && seen.map(\.authorization) == [nil])
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

    @Test("a key that is allowed for another server is not read, by calls nor by lists nor by routes of adapters")
    func keyElsewhere() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("canary-key\n".utf8).write(to: file)
        let seen = try await ScriptedServer.with(["{}"]) { script in
            let address = ServerAddress(base: script.base, key: .file(file.path))
            let secrets = Self.secrets(address.key, at: "https://api.example.com/v1")
            let server = OpenAIModelServer(address: address, secrets: secrets, http: http, retries: quick)
            let routes = AdapterRoutes(address: address, http: http, secrets: secrets)
            for call in [
                { _ = try await server.complete(question) }, { _ = try await server.check("m") },
                { _ = try await routes.models() },
            ] as [() async throws -> Void] {
                let error = await #expect(throws: FledgeError.self) { try await call() }
                #expect(error?.code == "model.key_not_allowed" && error?.hint?.contains("\"keys\": {") == true)
                #expect(!"\(String(describing: error))".contains("canary-key"))
            }
        }
        #expect(seen.isEmpty)
    }

    @Test("a server that sends a call elsewhere doesn't have its key sent there", arguments: [301, 302, 307, 308])
    func redirected(status: Int) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("canary-key\n".utf8).write(to: file)
        let elsewhere = try await ScriptedServer.with(["{}"]) { other in
            let step = #"{"status": \#(status), "fields": {"Location": "\#(other.base)/chat/completions"}}"#
            let seen = try await ScriptedServer.with([step]) { script in
                let error = await #expect(throws: FledgeError.self) {
                    try await server(script, key: .file(file.path)).complete(question)
                }
                #expect(error?.code == "model.wrong_address")
            }
            #expect(seen.map(\.authorization) == ["Bearer canary-key"])
        }
        #expect(elsewhere.isEmpty)
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
