import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@testable import FledgeServing

@Suite("Having a server score an answer")
struct AnswerScorerTests {
    private let request = ScoringRequest(model: "m", adapter: nil, prompt: [11, 12, 13], answer: [21, 22])

    private func server(_ script: ScriptedServer) -> OpenAIModelServer {
        OpenAIModelServer(
            base: script.base, key: nil, http: CurlClient(),
            retries: RetryPolicy(attempts: 3, base: .milliseconds(1), cap: .milliseconds(4)), timeout: .seconds(20))
    }

    /// What the server says of its models, and of its version.
    private static func list(_ owner: String = "vllm", version: String = "0.32.0") -> String {
        #"{"body": {"data": [{"id": "m", "owned_by": "\#(owner)"}], "version": "\#(version)"}}"#
    }

    private func step(_ told: String, status: Int = 200) -> String {
        #"{"status": \#(status), "body": {"choices": [{"text": "a", "prompt_logprobs": \#(told)}]}}"#
    }

    private func token(_ id: Int, _ logprob: String) -> String {
        #"{"\#(id)": {"logprob": \#(logprob), "rank": 1, "decoded_token": "a"}, "5": {"logprob": -0.5, "rank": 2}}"#
    }

    private var prompt: String { "null, \(token(12, "-3")), \(token(13, "-4"))" }

    @Test("vLLM is sent the tokens of prompt and answer, and tells the log-probabilities of the answer's")
    func scored() async throws {
        let step = step("[\(prompt), \(token(21, "-0.25")), \(token(22, "-1"))]")
        let seen = try await ScriptedServer.with([step], list: Self.list()) { script in
            let score = try await server(script).score(request)
            #expect(score == .tokens([-0.25, -1]))
        }
        #expect(seen.map(\.path) == ["/v1/completions"])
        let body = try #require(seen.first?.body)
        for part in [
            #""prompt":[11,12,13,21,22]"#, #""max_tokens":1"#, #""prompt_logprobs":1"#, #""temperature":0"#,
            #""add_special_tokens":false"#, #""model":"m""#,
        ] {
            #expect(body.contains(part), "\(part) is not in \(body)")
        }
    }

    @Test(
        "an answer that tells no log-probabilities of the tokens that were sent is unknown, and why",
        arguments: [
            ("null", "sends no log-probabilities"), ("{}", "sends no log-probabilities"),
            ("[null]", "scored 1 tokens where 5"), ("[]", "scored 0 tokens where 5"),
            ("[P, T21=-1, T22=-1, T23=-1]", "scored 6 tokens where 5"), ("[P, T21=-1, null]", "without a log-prob"),
            ("[P, T21=-1, T99=-1]", "other tokens"), ("[P, T21=null, T22=-1]", "no finite numbers"),
            ("[P, T21=NaN, T22=-1]", "no finite numbers"), ("[P, T21=-Infinity, T22=-1]", "no finite numbers"),
            ("[P, T21=12.5, T22=-1]", "--logprobs-mode"), ("[P, T21=\"-1\", T22=-1]", "no finite numbers"),
            ("[P, T21=-1, 7]", "without a log-prob"),
        ])
    func unknown(told: String, why: String) throws {
        let told = told.replacing("P", with: prompt).replacing(/T(\d+)=([^,\]]+)/) { match in
            token(Int(match.1) ?? 0, String(match.2))
        }
        let body = #"{"choices": [{"prompt_logprobs": \#(told)}]}"#
        let score = AnswerScorer.read(Array(body.utf8), prompt: 3, answer: [21, 22])
        guard case .unknown(let reason) = score else {
            Issue.record("\(score)")
            return
        }
        #expect(reason.contains(why), "\(reason)")
    }

    @Test("an impossible token has the least figure that the server tells, and one above 0 by rounding is 0")
    func edges() {
        func score(_ told: String) -> AnswerScore {
            let body = #"{"choices": [{"prompt_logprobs": [null, \#(told)]}]}"#
            return AnswerScorer.read(Array(body.utf8), prompt: 1, answer: [21])
        }
        func read(_ number: String) -> AnswerScore { score(token(21, number)) }
        #expect(read("-9999.0") == .tokens([-9999]))
        #expect(read("0.0000001") == .tokens([0]))
        #expect(read("0") == .tokens([0]))
        // As versions before told it.
        #expect(score(#"{"21": -0.5}"#) == .tokens([-0.5]))
    }

    @Test(
        "a server that refuses to score is unknown, is not asked twice, and its words are not repeated",
        arguments: [
            #"{"status": 400, "body": {"error": {"message": "Requested prompt_logprobs of 1 for 11 12 13 21 22"}}}"#,
            #"{"status": 404, "body": {"detail": "Not Found"}}"#, #"{"status": 422, "body": {"detail": "input 11"}}"#,
            #"{"status": 500, "body": {"error": {"message": "AssertionError"}}}"#, #"{"status": 405, "body": {}}"#,
            #"{"status": 501, "body": {}}"#, #"{"page": "<html>Sign in</html>"}"#,
        ])
    func refused(step: String) async throws {
        let seen = try await ScriptedServer.with([step], list: Self.list()) { script in
            let score = try await server(script).score(request)
            guard case .unknown(let why) = score else {
                Issue.record("\(score)")
                return
            }
            #expect(!why.contains("11") && !why.contains("Assertion"), "\(why)")
        }
        #expect(seen.count == 1)
    }

    @Test("a prompt that is too long for the model concerns this answer alone")
    func tooLong() async throws {
        let says = "This model's maximum context length is 4 tokens. However, you requested 6 tokens"
        let step = #"{"status": 400, "body": {"error": {"message": "\#(says)"}}}"#
        _ = try await ScriptedServer.with([step], list: Self.list()) { script in
            let score = try await server(script).score(request)
            #expect(score == .tooLong)
        }
    }

    @Test("a passing failure is tried again, and one that lasts is a failure, not an unknown score")
    func passing() async throws {
        let right = step("[\(prompt), \(token(21, "-1")), \(token(22, "-1"))]")
        let seen = try await ScriptedServer.with(
            [#"{"status": 503}"#, #"{"cut": true}"#, right], list: Self.list()
        ) { script in
            let score = try await server(script).score(request)
            #expect(score == .tokens([-1, -1]))
        }
        #expect(seen.count == 3)
        for (step, code) in [(#"{"status": 503}"#, "model.overloaded"), (#"{"status": 401}"#, "model.unauthorized")] {
            _ = try await ScriptedServer.with([step], list: Self.list()) { script in
                let error = await #expect(throws: FledgeError.self) { try await server(script).score(request) }
                #expect(error?.code.rawValue == code)
            }
        }
    }

    @Test("no other server is asked", arguments: ["llamacpp", "sglang", "openai"])
    func others(owner: String) async throws {
        let seen = try await ScriptedServer.with(["{}"], list: Self.list(owner)) { script in
            let score = try await server(script).score(request)
            #expect(score == .unknown("only vLLM scores answers that it is given"))
        }
        #expect(seen.isEmpty)
    }

    @Test(
        "a vLLM that may not survive the question is not asked it",
        arguments: [
            ("0.12.0", "this is 0.12"), ("0.25.3+cu130", "this is 0.25"), ("v0.9", "this is 0.9"), ("", "no version"),
            ("dev", "no version"), ("99999999999.1", "no version"),
        ])
    func versions(version: String, why: String) async throws {
        let right = step("[\(prompt), \(token(21, "-1")), \(token(22, "-1"))]")
        let seen = try await ScriptedServer.with([right], list: Self.list(version: version)) { script in
            let score = try await server(script).score(request)
            guard case .unknown(let reason) = score else {
                Issue.record("\(score)")
                return
            }
            #expect(reason.contains(why) && reason.contains("0.26"), "\(reason)")
        }
        #expect(seen.isEmpty)
        for version in ["0.26.0", "0.32.1.dev4+g123", "v1.0", "0.100"] {
            let seen = try await ScriptedServer.with([right], list: Self.list(version: version)) { script in
                let score = try await server(script).score(request)
                #expect(score == .tokens([-1, -1]))
            }
            #expect(seen.count == 1)
        }
    }

    @Test("an adapter is asked by its own name, the base as zeros, and one that was lost is loaded again")
    func adapters() async throws {
        try await TemporaryDirectory.with { directory in
            let fake = FakeAdapterServer(.init(kind: .vLLM))
            try await fake.served { base in
                let routes = AdapterRoutes(address: ServerAddress(base: base, key: nil), http: CurlClient())
                let delivery = LoadedAdapters(
                    model: "base", server: VLLMClient(routes: routes),
                    folder: AdapterFolder(path: directory + "/shared"))
                let server = AdapterModelServer(
                    model: "base", server: OpenAIModelServer(base: base, key: nil, http: CurlClient()),
                    delivery: delivery)
                let adapter = try WrittenAdapter.write(value: 1, in: directory)
                try await delivery.deliver([adapter])
                func score(_ adapter: AdapterDigest?) async throws -> AnswerScore {
                    try await server.score(
                        ScoringRequest(model: "base", adapter: adapter, prompt: [1, 2], answer: [3]))
                }
                let (tuned, plain) = (try await score(adapter.digest), try await score(nil))
                #expect(tuned == .tokens([-0.25]) && plain == .tokens([-2]))
                #expect(fake.asked.first == adapter.digest.rawValue)
                #expect(fake.asked.last?.hasPrefix("fledge-zero-") == true)
                fake.restart()
                let again = try await score(adapter.digest)
                #expect(again == .tokens([-0.25]))
                let error = await #expect(throws: FledgeError.self) {
                    try await server.score(ScoringRequest(model: "other", adapter: nil, prompt: [1], answer: [2]))
                }
                #expect(error?.code == "model.unknown")
            }
        }
    }
}
