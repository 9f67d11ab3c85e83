import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServing
import FledgeTestKit
import Foundation
import Glibc
import Logging
import ManagedProcess
import Testing

/// On the real llama.cpp server with the packaged model: one server for the whole suite.
@Suite("The local model server", .serialized)
struct LocalModelServerTests {
    private static let model = "smollm2-135m-instruct"
    private static let server = LocalModelServer(model: model, http: CurlClient(), logger: Logger(label: "test"))
    private var server: LocalModelServer { Self.server }
    private let labels = ["animal", "plant", "a \"quoted\" label"]

    private func request(_ text: String, choices: [String]? = nil, maxTokens: Int = 12) -> CompletionRequest {
        CompletionRequest(
            model: Self.model, adapter: nil,
            messages: [
                ChatMessage(role: .system, content: "You name the category of a thing."),
                ChatMessage(role: .user, content: text),
            ],
            decoding: DecodingDefinition(maxTokens: maxTokens, seed: 1), choices: choices)
    }

    @Test("a constrained answer is one of the choices, with its tokens counted and the common prefix cached")
    func choices() async throws {
        for thing in ["a tabby cat", "an oak tree", "a red rose"] {
            let completion = try await server.complete(request(thing, choices: labels))
            #expect(labels.contains(completion.text))
            #expect((completion.promptTokens ?? 0) > 10)
            #expect((completion.completionTokens ?? 0) > 0)
            #expect(completion.latencyMicroseconds > 0)
        }
        #expect(try await server.complete(request("a red rose", choices: labels)).cachedTokens > 10)
    }

    @Test(
        "it keeps what callers of model servers rely on, as far as a server that is in order shows it",
        arguments: ModelServerPromise.allCases.filter { $0.behaviour == .answers })
    func conforms(promise: ModelServerPromise) async throws {
        let scene = ModelServerScene(server: server, request: request("a tabby cat", choices: labels))
        #expect(try await promise.breach(in: scene) == nil)
    }

    @Test("what it does not serve is refused for good, and never sent")
    func refusal() async throws {
        var other = request("a tabby cat")
        other.model = "none"
        let attempts = CallAttempts()
        let error = await #expect(throws: FledgeError.self) {
            _ = try await server.complete(other, attempts: attempts)
        }
        #expect(error?.disposition == .needsPerson && attempts.begun == 0)
    }

    @Test("calls that are cancelled end, and leave their slots to others")
    func cancelled() async throws {
        let long = request("Tell a long story of a cat.", maxTokens: 400)
        let calls = (0..<16).map { _ in
            let attempts = CallAttempts()
            return (attempts, Task { try await self.server.complete(long, attempts: attempts) })
        }
        let haveBegun = await eventually { calls.count { $0.0.begun > 0 } >= 4 }
        #expect(haveBegun)
        for (_, call) in calls { call.cancel() }
        for (_, call) in calls { await #expect(throws: CancellationError.self) { _ = try await call.value } }
        for _ in 0..<8 { #expect(try await labels.contains(server.complete(request("an oak", choices: labels)).text)) }
    }

    @Test("constrained answers at temperature 0 are the same one by one and eight at a time")
    func concurrency() async throws {
        let things = (1...16).map { "thing number \($0), found in the garden" }
        var alone: [String] = []
        for thing in things { alone.append(try await server.complete(request(thing, choices: labels)).text) }
        let together = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for (index, thing) in things.enumerated() {
                group.addTask {
                    (index, try await self.server.complete(self.request(thing, choices: self.labels)).text)
                }
            }
            var texts = [String](repeating: "", count: things.count)
            for try await (index, text) in group { texts[index] = text }
            return texts
        }
        // Sums in another order, in a batch of another size, may tip an answer that was on the edge.
        #expect(zip(alone, together).count { $0 != $1 } <= 1)
    }

    @Test("an answer fits the JSON schema that it was asked to fit, and says how probable it was")
    func jsonSchema() async throws {
        struct Answer: Decodable { var category: String }
        var request = request("a tabby cat", maxTokens: 32)
        request.decoding.jsonSchema = """
            {"type": "object", "properties": {"category": {"type": "string", "enum": ["animal", "plant"]}},
             "required": ["category"], "additionalProperties": false}
            """
        request.decoding.logprobs = true
        let completion = try await server.complete(request)
        let answer = try JSONDecoder().decode(Answer.self, from: Data(completion.text.utf8))
        #expect(["animal", "plant"].contains(answer.category))
        let logProbability = try #require(completion.logProbability)
        #expect(logProbability <= 0 && logProbability.isFinite)
        request.decoding.logprobs = nil
        let silent = try await server.complete(request)
        #expect(silent.logProbability == nil)
    }

    @Test("a JSON schema that is no JSON is refused before anything is sent")
    func badSchema() async throws {
        var request = request("a tabby cat")
        request.decoding.jsonSchema = "{"
        await #expect { try await server.complete(request) } throws: { error in
            (error as? FledgeError)?.code == "decoding.bad_json_schema"
        }
    }

    @Test("a free answer stops at its limit, and a prompt beyond the context is refused with what to do")
    func limits() async throws {
        let long = try await server.complete(request("Tell a long story of a cat.", maxTokens: 5))
        #expect(long.finishReason == "length")
        #expect(long.completionTokens == 5)
        let error = await #expect(throws: FledgeError.self) {
            try await server.complete(request(String(repeating: "word ", count: 6000)))
        }
        #expect(error?.code == "model.context_overflow")
    }

    @Test("a model or an adapter that is not there is refused, though llama.cpp itself would answer")
    func unknown() async throws {
        var other = request("x")
        other.model = "gpt-17"
        let model = await #expect(throws: FledgeError.self) { try await server.complete(other) }
        #expect(model?.code == "model.unknown")
        var adapted = request("x")
        adapted.adapter = Digest(of: "no such adapter")
        let adapter = await #expect(throws: FledgeError.self) { try await server.complete(adapted) }
        #expect(adapter?.code == "model.unknown_adapter")
        let missing = await #expect(throws: FledgeError.self) {
            try await server.load([ServedAdapter(digest: Digest(of: "x"), directory: "/nonexistent")])
        }
        #expect(missing?.code == "model.adapter_missing")
    }

    @Test("the weights are the released file, and the revision tells how they are served")
    func weights() async throws {
        let weights = try await server.weights()
        #expect(weights.sha256.rawValue.hasPrefix("b179c952"))
        #expect(FileManager.default.fileExists(atPath: weights.path))
        #expect(try await server.revision(of: Self.model) == "sha256:\(weights.sha256);q8_0")
    }

    @Test("a server that is killed under calls is started anew, and every call is answered")
    func supervision() async throws {
        let before = try await server.processID()
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<6 {
                group.addTask {
                    try await self.server.complete(self.request("thing \(number)", choices: self.labels)).text
                }
            }
            kill(before, SIGKILL)
            for try await text in group { #expect(labels.contains(text)) }
        }
        #expect(try await server.processID() != before)
    }

    @Test(
        "who has not the server's key can ask it nothing",
        arguments: [
            ("POST", "/v1/chat/completions", #"{"messages": [{"role": "user", "content": "x"}], "max_tokens": 1}"#),
            ("POST", "/completion", #"{"prompt": "x", "n_predict": 1}"#), ("GET", "/lora-adapters", ""),
            ("POST", "/lora-adapters", "[]"), ("GET", "/slots", ""), ("POST", "/tokenize", #"{"content": "x"}"#),
        ])
    func key(method: String, path: String, body: String) async throws {
        let root = try await server.baseURL().replacing("/v1", with: "")
        let key = try await server.key()
        func status(_ key: String?) async throws -> Int {
            var request = HTTPRequest(
                method, root + path, headers: ["Content-Type": "application/json"], body: Array(body.utf8))
            if let key { request.headers.append("Authorization", "Bearer \(key)") }
            return Int(try await CurlClient().execute(request).status)
        }
        #expect(try await status(nil) == 401)
        #expect(try await status(String(key.dropLast())) == 401)
        #expect(try await status(key) == 200)
    }

    @Test("the server's key stands in no argument, variable or file, and no variable of the daemon's reaches it")
    func secrets() async throws {
        let process = "/proc/\(try await server.processID())"
        let key = try await server.key()
        #expect(key.count == 64)
        let environment = try #require(FileManager.default.contents(atPath: process + "/environ"))
        let arguments = try #require(FileManager.default.contents(atPath: process + "/cmdline"))
        for bytes in [environment, arguments] { #expect(!String(decoding: bytes, as: UTF8.self).contains(key)) }
        let names = Set(
            String(decoding: environment, as: UTF8.self).split(separator: "\0").map { $0.prefix { $0 != "=" } })
        let own = ["PYTHONNOUSERSITE", "GOMP_SPINCOUNT", "HOME", "TMPDIR", "USER", "LOGNAME", "PWD"]
        let kept = Set(ChildEnvironment.kept().keys).union(own)
        #expect(names.allSatisfy { kept.contains(String($0)) }, "\(names)")
        // Another server that starts meanwhile has its own.
        let cache = URL(filePath: StatePaths.current().cache)
        for name in try FileManager.default.contentsOfDirectory(atPath: cache.path) where name.hasSuffix(".key") {
            #expect(FileManager.default.contents(atPath: cache.appending(path: name).path) != Data(key.utf8))
        }
    }

    @Test("the server is nobody who may do anything, in processes and files of its own")
    func sandboxed() async throws {
        let process = try await server.processID()
        let text = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let fields = Dictionary(
            text.split(separator: "\n").compactMap { line in
                line.firstIndex(of: ":").map { colon in
                    (String(line[..<colon]), line[line.index(after: colon)...].split(separator: "\t").map(String.init))
                }
            }, uniquingKeysWith: { first, _ in first })
        let user = geteuid() == 0 ? Sandbox.User.server.rawValue : geteuid()
        for name in ["Uid", "Gid"] where geteuid() == 0 || name == "Uid" {
            #expect(fields[name] == Array(repeating: "\(user)", count: 4), "\(name)")
        }
        for name in ["CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            #expect(fields[name] == ["0000000000000000"], "\(name)")
        }
        #expect(fields["NoNewPrivs"] == ["1"] && fields["Seccomp"] == ["2"])
        // It has another number in its own world of processes.
        #expect(fields["NSpid"]?.first == "\(process)" && fields["NSpid"]?.count ?? 0 > 1)
        let files = FileManager.default
        for space in ["mnt", "pid", "ipc", "uts"] {
            let mine = try files.destinationOfSymbolicLink(atPath: "/proc/self/ns/\(space)")
            let its = try? files.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/\(space)")
            #expect(its != mine, "\(space)")
        }
    }

    @Test("the catalog finds the local model, and says why another is not reachable")
    func catalog() async throws {
        let catalog = ServingCatalog(logger: Logger(label: "test"))
        let local = ModelDefinition(name: Self.model, endpoint: .local)
        let remote = ModelDefinition(name: "m", endpoint: .openAICompatible(url: "http://127.0.0.1:1/v1", key: nil))
        let statuses = await catalog.statuses(of: [local, remote, ModelDefinition(name: "gpt-17", endpoint: .local)])
        #expect(statuses.map(\.isReachable) == [true, false, false])
        #expect(statuses[0].revision?.hasPrefix("sha256:b179c952") == true)
        #expect(statuses[1].problem?.contains("model.unreachable") == true)
        #expect(statuses[2].problem?.contains("model.unknown") == true)
        let error = await #expect(throws: FledgeError.self) { try await catalog.weights(of: remote) }
        #expect(error?.code == "model.not_trainable")
        await catalog.shutdown()
    }
}
