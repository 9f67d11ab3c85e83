import ArgumentParser
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Synchronization
import Testing

@testable import FledgeCLI

@Suite("Fetching weights from a hub")
struct FetchTests {
    private static let weights = (0..<200_000).map { UInt8(truncatingIfNeeded: ($0 &* 31) >> 3) }
    private static let parts = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    private static let wanted =
        ["chat_template.jinja", "config.json", "generation_config.json"] + parts
        + ["model.safetensors.index.json", "tokenizer.json", "tokenizer_config.json"]

    private static func settings() -> FakeHub.Settings {
        var settings = FakeHub.Settings()
        func text(_ text: String) -> [UInt8] { Array(text.utf8) }
        settings.files = [
            "chat_template.jinja": text("{{ messages }}"),
            "config.json": text(#"{"architectures": ["LlamaForCausalLM"]}"#),
            "consolidated.safetensors": weights, "generation_config.json": text("{}"),
            "model.safetensors.index.json": text(#"{"weight_map": {"a": "\#(parts[0])", "b": "\#(parts[1])"}}"#),
            "modeling_small.py": text("print()"), "pytorch_model.bin": [0x80], "README.md": text("#"),
            "onnx/model.safetensors": [1], "tokenizer.json": text("{}"), "tokenizer.py": text("print()"),
            "tokenizer_config.json": text("{}"),
        ]
        settings.files[parts[0]] = weights
        settings.files[parts[1]] = weights.reversed()
        return settings
    }

    /// Runs the body with a hub, and the path of a folder that isn't there yet.
    private func hub(
        _ settings: FakeHub.Settings = FetchTests.settings(), _ body: (FakeHub, String, String) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let hub = FakeHub(settings) { Digest(of: Data($0)).rawValue }
            try await hub.served { try await body(hub, $0, directory + "/models/small") }
        }
    }

    private func fetch(
        _ endpoint: String, _ folder: String, token: String? = nil, attempts: Int = 2, free: Int64? = nil,
        meanwhile: @escaping @Sendable () -> Void = {}
    ) async throws -> ModelFetch.Fetched {
        let repository = try HubRepository(
            name: "team/small", revision: "main", environment: ["HF_ENDPOINT": endpoint + "/"])
        return try await ModelFetch(
            client: HubClient(repository: repository, token: token), folder: URL(filePath: folder),
            progress: FetchProgress(isTerminal: false, write: { _ in }), attempts: attempts,
            pause: { _ in },
            freeSpace: { _ in
                meanwhile()
                return free
            }
        ).run()
    }

    /// But the mark of the commit.
    private func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0 != ".commit" }.sorted()
    }

    private func names(beside folder: String) -> [String] {
        names(in: URL(filePath: folder).deletingLastPathComponent().path)
    }

    @Test("configuration, tokenizer, template and one copy of the safetensors come; code and pickles don't")
    func fetched() async throws {
        try await hub { hub, endpoint, folder in
            let fetched = try await fetch(endpoint, folder)
            #expect(names(in: folder) == Self.wanted)
            #expect(names(beside: folder) == ["small"])
            #expect(FileManager.default.contents(atPath: "\(folder)/\(Self.parts[0])") == Data(Self.weights))
            #expect(fetched.weights.problems.isEmpty && fetched.files == Self.wanted.count && !fetched.wasThere)
            let commit = String(repeating: "a1", count: 20)
            #expect(
                fetched.words == #".huggingFace("\#(folder)", repository: "team/small", revision: "\#(commit)")"#)
            let before = hub.seen.count
            let again = try await fetch(endpoint, folder)
            #expect(again.wasThere && hub.seen.count == before + 1)
        }
    }

    @Test("what a cut has left is gone on with, in the same fetch and in a later one", arguments: [true, false])
    func resumed(knowsRanges: Bool) async throws {
        var settings = Self.settings()
        settings.knowsRanges = knowsRanges
        settings.deliveries = [.half, .closed, .closed]
        try await hub(settings) { hub, endpoint, folder in
            let error = await #expect(throws: FledgeError.self) { try await fetch(endpoint, folder) }
            #expect(error?.code == "hub.unreachable" && error?.exitCode == .tryAgain)
            #expect(names(in: folder) == [])
            let partial = "\(folder).partial/\(Self.parts[0]).partial"
            #expect(FileManager.default.contents(atPath: partial) == Data(Self.weights.prefix(100_000)))
            hub.set { $0.deliveries = [.half] }
            _ = try await fetch(endpoint, folder)
            #expect(names(in: folder) == Self.wanted)
            #expect(FileManager.default.contents(atPath: "\(folder)/\(Self.parts[0])") == Data(Self.weights))
            let ranges = hub.seen.filter { !$0.isHub }.compactMap(\.range)
            #expect(ranges.contains("bytes=100000-"))
            // Half of what was left has come before the second cut.
            if knowsRanges { #expect(ranges.contains("bytes=150000-")) }
        }
    }

    @Test("another commit begins anew, and what is no fetch's is left alone")
    func otherCommit() async throws {
        var settings = Self.settings()
        settings.deliveries = [.half, .closed, .closed]
        try await hub(settings) { hub, endpoint, folder in
            _ = try? await fetch(endpoint, folder)
            hub.set {
                $0.commit = String(repeating: "b2", count: 20)
                $0.files[Self.parts[0]] = Self.weights.map { $0 ^ 1 }
            }
            _ = try await fetch(endpoint, folder)
            #expect(FileManager.default.contents(atPath: "\(folder)/\(Self.parts[0])")?.first == Self.weights[0] ^ 1)
            let other = "\(folder)-2"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
            try Data("mine".utf8).write(to: URL(filePath: other + "/notes.txt"))
            let error = await #expect(throws: FledgeError.self) { try await fetch(endpoint, other) }
            #expect(error?.code == "fetch.folder_taken" && names(in: other) == ["notes.txt"])
        }
    }

    @Test("an empty folder is taken, also behind a link; one filled meanwhile is left alone, and nothing is lost")
    func takenMeanwhile() async throws {
        try await hub { hub, endpoint, folder in
            let error = await #expect(throws: FledgeError.self) {
                try await fetch(endpoint, folder) {
                    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                    try? Data("mine".utf8).write(to: URL(filePath: folder + "/notes.txt"))
                }
            }
            #expect(error?.code == "fetch.folder_taken" && error?.hint?.contains("\(folder).partial") == true)
            #expect(names(in: folder) == ["notes.txt"])
            #expect(names(in: folder + ".partial").filter { $0 != ".lock" } == Self.wanted)
            let large = hub.seen.count { !$0.isHub }
            try FileManager.default.removeItem(atPath: folder + "/notes.txt")
            let link = "\(folder)-link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder)
            _ = try await fetch(endpoint, link)
            #expect(names(in: folder) == Self.wanted && names(beside: folder) == ["small", "small-link"])
            #expect(hub.seen.count { !$0.isHub } == large)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == folder)
        }
    }

    @Test("a folder of another commit does not pass for this one, though every file has the same size")
    func markedCommit() async throws {
        try await hub { hub, endpoint, folder in
            _ = try await fetch(endpoint, folder)
            hub.set {
                $0.commit = String(repeating: "b2", count: 20)
                $0.files["tokenizer.json"] = Array("[]".utf8)
            }
            let error = await #expect(throws: FledgeError.self) { try await fetch(endpoint, folder) }
            #expect(error?.code == "fetch.folder_taken" && names(beside: folder) == ["small"])
            #expect(FileManager.default.contents(atPath: folder + "/tokenizer.json") == Data("{}".utf8))
        }
    }

    @Test("what is lost and comes again is no progress: a transfer that gets no further ends")
    func noProgress() async throws {
        var settings = Self.settings()
        settings.knowsRanges = false
        settings.deliveries = (0..<20).flatMap { _ in [StubDelivery.half, .headOnly] }
        try await hub(settings) { hub, endpoint, folder in
            let error = await #expect(throws: FledgeError.self) { try await fetch(endpoint, folder, attempts: 3) }
            #expect(error?.code == "hub.unreachable" && error?.exitCode == .tryAgain)
            #expect(hub.seen.count { !$0.isHub } < 10)
        }
    }

    @Test("sizes that no file has, and more files than a model has, are refused before they are added up")
    func hostileSizes() throws {
        let repository = try HubRepository(name: "a/b", revision: "main", environment: [:])
        let files = { (_ size: Int64, _ count: Int) throws -> [HubFile] in
            let rest = (0..<count).map { HubListing.Sibling(rfilename: "tokenizer-\($0).json", size: size) }
            let listing = HubListing(
                sha: "a1a1a1a",
                siblings: [
                    HubListing.Sibling(rfilename: "config.json", size: size),
                    HubListing.Sibling(rfilename: "model.safetensors", size: size),
                ] + rest)
            return try listing.files(of: repository)
        }
        let most: Int64 = 1 << 50
        #expect(try files(most, 4094).map(\.size).reduce(0, +) == most * 4096)
        for (size, count) in [(-1, 0), (most + 1, 0), (.max, 0), (1, 4095)] as [(Int64, Int)] {
            let error = #expect(throws: FledgeError.self) { try files(size, count) }
            #expect(error?.code == "hub.bad_listing" && error?.exitCode == .badData)
        }
    }

    @Test("files whose names a terminal may take for commands are left out")
    func hostileNames() throws {
        let repository = try HubRepository(name: "a/b", revision: "main", environment: [:])
        let names = [
            "config.json", "model.safetensors", "tokenizer\u{1B}[2J.json", "tokenizer\n.json", "tokenizer\u{202E}.json",
            "tokenizer\0.json", "tokenizer.json",
        ]
        let listing = HubListing(
            sha: "a1a1a1a", siblings: names.map { HubListing.Sibling(rfilename: $0, size: 1) })
        let files = try listing.files(of: repository)
        #expect(files.map(\.name) == ["config.json", "model.safetensors", "tokenizer.json"])
    }

    @Test("a gated repository is told with its page and a token's option; the token goes to the hub alone")
    func gated() async throws {
        var settings = Self.settings()
        settings.token = "canary-token"
        try await hub(settings) { hub, endpoint, folder in
            let tokens: [(String?, String)] = [
                (nil, "--token env:HF_TOKEN"), ("canary-other", "with the token's account"),
            ]
            for (token, part) in tokens {
                let error = await #expect(throws: FledgeError.self) {
                    try await fetch(endpoint, folder, token: token)
                }
                #expect(error?.code == "hub.gated" && error?.exitCode == .configuration)
                #expect(error?.hint?.contains("\(endpoint)/team/small") == true)
                #expect(error?.hint?.contains(part) == true && error?.description.contains("canary") == false)
            }
            #expect(names(beside: folder) == [])
            _ = try await fetch(endpoint, folder, token: "canary-token")
            #expect(names(in: folder) == Self.wanted)
            let asked = hub.seen
            #expect(asked.contains { $0.isHub && $0.authorization == "Bearer canary-token" })
            #expect(asked.contains { !$0.isHub } && asked.allSatisfy { $0.isHub || $0.authorization == nil })
        }
    }

    @Test("a file with another SHA-256 than the hub says is removed, and nothing takes the folder's name")
    func wrongHash() async throws {
        var settings = Self.settings()
        settings.digest = String(repeating: "0", count: 64)
        try await hub(settings) { hub, endpoint, folder in
            let error = await #expect(throws: FledgeError.self) { try await fetch(endpoint, folder) }
            #expect(error?.code == "hub.wrong_content" && error?.message.contains(Self.parts[0]) == true)
            let left = names(in: folder + ".partial")
            #expect(names(in: folder) == [] && !left.contains { $0.contains("safetensors.p") })
        }
    }

    @Test("a small file with another content than git's name for it says is removed as well")
    func wrongBlob() async throws {
        // git hash-object of a file that holds hello and a line feed
        #expect(GitBlob.id(of: Data("hello\n".utf8)) == "ce013625030ba8dba906f756967f9e9ca394464a")
        #expect(GitBlob.id(of: Data()) == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
        var settings = Self.settings()
        settings.blobID = "ce013625030ba8dba906f756967f9e9ca394464a"
        try await hub(settings) { hub, endpoint, folder in
            let error = await #expect(throws: FledgeError.self) { try await fetch(endpoint, folder) }
            #expect(error?.code == "hub.wrong_content" && error?.message.contains("git blob id") == true)
            #expect(names(in: folder) == [])
        }
    }

    @Test("a folder in which a small file was changed since, to the same size, does not pass for what was fetched")
    func changedSince() async throws {
        try await hub { _, endpoint, folder in
            _ = try await fetch(endpoint, folder)
            try Data("[]".utf8).write(to: URL(filePath: folder + "/tokenizer.json"))
            let error = await #expect(throws: FledgeError.self) { try await fetch(endpoint, folder) }
            #expect(error?.code == "fetch.folder_taken")
        }
    }

    @Test("a repository whose weights are only in pickles, or that is no model, is refused before anything comes")
    func refused() async throws {
        var settings = Self.settings()
        settings.files = settings.files.filter { !$0.key.hasSuffix("safetensors") }
        try await hub(settings) { hub, endpoint, folder in
            let pickles = await #expect(throws: FledgeError.self) { try await fetch(endpoint, folder) }
            #expect(pickles?.code == "hub.only_pickles" && pickles?.message.contains("pytorch_model.bin") == true)
            hub.set { $0.files = ["model.gguf": [1], "config.json": [1]] }
            let gguf = await #expect(throws: FledgeError.self) { try await fetch(endpoint, folder) }
            #expect(gguf?.code == "hub.no_weights" && gguf?.hint?.contains(".gguf(") == true)
            hub.set { $0.files = ["adapter_model.safetensors": [1], "adapter_config.json": [1]] }
            let adapter = await #expect(throws: FledgeError.self) { try await fetch(endpoint, folder) }
            #expect(adapter?.code == "hub.no_model")
            hub.set { $0.repository = "team/other" }
            let none = await #expect(throws: FledgeError.self) { try await fetch(endpoint, folder) }
            #expect(none?.code == "hub.no_access" && names(beside: folder) == [])
            #expect(hub.seen.allSatisfy { $0.path.hasPrefix("/api/") })
        }
    }

    @Test("too little space is told before a file comes")
    func space() async throws {
        try await hub { hub, endpoint, folder in
            let error = await #expect(throws: FledgeError.self) { try await fetch(endpoint, folder, free: 400_000) }
            #expect(error?.code == "fetch.no_space" && error?.exitCode == .cannotWrite)
            #expect(hub.seen.count == 1 && names(beside: folder) == [])
        }
    }

    @Test(
        "what is no repository, no revision or no hub is refused",
        arguments: [
            ("", "main", "https://h", "fetch.bad_repository"), ("a/b/c", "main", "https://h", "fetch.bad_repository"),
            ("https://huggingface.co/a/b", "main", "https://h", "fetch.bad_repository"),
            ("../b", "main", "https://h", "fetch.bad_repository"),
            ("a/b?x", "main", "https://h", "fetch.bad_repository"),
            ("a/b", "", "https://h", "fetch.bad_revision"), ("a/b", "x\ny", "https://h", "fetch.bad_revision"),
            ("a/b", "main", "ftp://h", "hub.bad_endpoint"), ("a/b", "main", "https://me:canary@h", "hub.bad_endpoint"),
            ("a/b", "main", "https://h?t=canary", "hub.bad_endpoint"),
        ])
    func names(name: String, revision: String, endpoint: String, code: String) {
        let error = #expect(throws: FledgeError.self) {
            try HubRepository(name: name, revision: revision, environment: ["HF_ENDPOINT": endpoint])
        }
        #expect(error?.code.rawValue == code && error?.description.contains("canary") == false)
    }

    @Test("a revision and a file's name are quoted, and the hub is Hugging Face's where none is named")
    func addresses() throws {
        let repository = try HubRepository(name: "a/b", revision: "refs/pr/1", environment: ["HF_ENDPOINT": ""])
        #expect(repository.listing == "https://huggingface.co/api/models/a/b/revision/refs%2Fpr%2F1?blobs=true")
        #expect(repository.address(of: "a b#.json", at: "c") == "https://huggingface.co/a/b/resolve/c/a%20b%23.json")
        #expect(HubOrigin("https://H.example/x") == HubOrigin("https://h.example:443"))
        #expect(HubOrigin("https://h.example") != HubOrigin("http://h.example:443"))
    }

    @Test("a token is a reference, and what is written in its place is not repeated")
    func tokens() throws {
        #expect(try FetchModelsCommand.secret("env:T", environment: ["T": " x\n"]) == "x")
        let written = #expect(throws: FledgeError.self) {
            try FetchModelsCommand.secret("hf_canary", environment: [:])
        }
        #expect(written?.code == "token.bad_reference" && written?.description.contains("canary") == false)
        let missing = #expect(throws: FledgeError.self) { try FetchModelsCommand.secret("env:T", environment: [:]) }
        #expect(missing?.code == "token.missing" && missing?.message.contains("env:T") == true)
        #expect(try FetchModelsCommand.parse(["a/b", "--revision", "v1", "--to", "x", "--token", "env:T"]).to == "x")
    }

    @Test("progress is told with rate and time left, every ten seconds where nobody watches")
    func progress() {
        let clock = Mutex(ContinuousClock.now)
        let written = Mutex("")
        let progress = FetchProgress(
            isTerminal: false, now: { clock.withLock { $0 } }, write: { text in written.withLock { $0 += text } })
        progress.begin(total: 2000, present: 500)
        progress.file("model.safetensors")
        progress.received(100)
        clock.withLock { $0 += .seconds(10) }
        progress.received(400)
        progress.end()
        #expect(written.withLock { $0 } == "model.safetensors: 1.0 kB of 2.0 kB, 50 B/s, 20 s left\n")
    }
}
