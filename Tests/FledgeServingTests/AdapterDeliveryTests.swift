import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Synchronization
import Testing

@testable import FledgeServing

@Suite("Adapters at a vLLM server")
struct AdapterDeliveryTests {
    /// A server, a shared folder and two adapters.
    private struct Scene {
        var fake: FakeVLLM
        var delivery: VLLMAdapters
        var server: AdapterModelServer
        var adapters: [ServedAdapter]
        var shared: String
        var clock: Clock

        func ask(_ adapter: ServedAdapter?) async throws -> String {
            try await server.complete(
                CompletionRequest(
                    model: "base", adapter: adapter?.digest, messages: [ChatMessage(role: .user, content: "hello")],
                    decoding: DecodingDefinition(), choices: nil)
            ).text
        }
    }

    private final class Clock: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        func advance(by pause: Duration) { instant.withLock { $0 += pause } }
    }

    private func scene(
        _ settings: FakeVLLM.Settings = .init(), asSeenByServer: String? = nil, rank: Int = 2,
        _ body: (Scene) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let fake = FakeVLLM(settings)
            try await fake.served { base in
                let shared = directory + "/shared"
                let clock = Clock()
                let delivery = VLLMAdapters(
                    model: "base", address: ServerAddress(base: base, key: nil),
                    folder: AdapterFolder(path: shared, asSeenByServer: asSeenByServer), http: CurlClient(),
                    now: { clock.now })
                let server = AdapterModelServer(
                    model: "base", server: OpenAIModelServer(base: base, key: nil, http: CurlClient()),
                    delivery: delivery)
                let adapters = try (1...3).map {
                    try WrittenAdapter.write(rank: rank, value: Float($0), in: directory)
                }
                try await body(
                    Scene(
                        fake: fake, delivery: delivery, server: server, adapters: adapters, shared: shared,
                        clock: clock))
            }
        }
    }

    @Test("an adapter is put there whole, loaded once under its digest, and answers")
    func delivered() async throws {
        try await scene { scene in
            let adapter = scene.adapters[0]
            for _ in 0..<2 { try await scene.delivery.deliver([adapter]) }
            let text = try await scene.ask(adapter)
            #expect(text == "as \(adapter.digest)")
            #expect(try await scene.delivery.loaded() == [adapter.digest])
            #expect(scene.fake.changes.count { $0 == "+\(adapter.digest)" } == 1)
            let names = try FileManager.default.contentsOfDirectory(atPath: scene.shared)
            #expect(names.contains(adapter.digest.rawValue) && !names.contains { $0.hasPrefix(".") })
            #expect(
                FileManager.default.contentsEqual(
                    atPath: "\(scene.shared)/\(adapter.digest)/adapter_model.safetensors",
                    andPath: adapter.directory + "/adapter_model.safetensors"))
        }
    }

    @Test("while adapters are loaded, the base is asked as an adapter of zeros, also by a daemon that loaded none")
    func zeros() async throws {
        try await scene { scene in
            #expect(try await scene.ask(nil) == "as the base")
            #expect(scene.fake.asked == ["base"])
            try await scene.delivery.deliver([scene.adapters[0]])
            #expect(try await scene.ask(nil) == "as the base")
            #expect(scene.fake.asked.last?.hasPrefix("fledge-zero-") == true)
            let other = CompletionRequest(
                model: "other", adapter: nil, messages: [], decoding: DecodingDefinition(), choices: nil)
            let error = await #expect(throws: FledgeError.self) { try await scene.server.complete(other) }
            #expect(error?.code == "model.unknown")
        }
    }

    @Test("a server that was started anew gets its adapters again, and the call is made again")
    func restarted() async throws {
        try await scene { scene in
            try await scene.delivery.deliver([scene.adapters[0]])
            _ = try await scene.ask(scene.adapters[0])
            scene.fake.restart()
            #expect(try await scene.ask(scene.adapters[0]) == "as \(scene.adapters[0].digest)")
            scene.fake.restart()
            #expect(try await scene.ask(nil) == "as the base")
        }
    }

    @Test(
        "the adapter that was longest not asked is unloaded before a slot would be missing, and loaded when it is asked"
    )
    func room() async throws {
        var settings = FakeVLLM.Settings()
        settings.slots = 4
        try await scene(settings) { scene in
            let names = scene.adapters.map(\.digest.rawValue)
            try await scene.delivery.deliver(Array(scene.adapters.prefix(2)))
            _ = try await scene.ask(scene.adapters[0])
            try await scene.delivery.deliver([scene.adapters[2]])
            #expect(scene.fake.changes.last == "+\(names[2])" && scene.fake.changes.contains("-\(names[1])"))
            #expect(scene.fake.loaded.count == 3)
            #expect(try await scene.ask(scene.adapters[1]) == "as \(names[1])")
            #expect(scene.fake.loaded.count == 3)
        }
    }

    @Test("an adapter is not unloaded while a call of it is not answered")
    func drain() async throws {
        var settings = FakeVLLM.Settings()
        settings.slots = 3
        try await scene(settings) { scene in
            try await scene.delivery.deliver([scene.adapters[0]])
            let route = try await scene.delivery.begin(scene.adapters[0].digest)
            try await scene.delivery.deliver([scene.adapters[1]])
            #expect(!scene.fake.changes.contains("-\(scene.adapters[0].digest)"))
            await scene.delivery.end(route)
            try await scene.delivery.deliver([scene.adapters[2]])
            #expect(scene.fake.changes.contains("-\(scene.adapters[0].digest)"))
        }
    }

    @Test(
        "what keeps an adapter from being loaded is said with what mends it",
        arguments: [
            ("off", "model.adapter_loading_off", "VLLM_ALLOW_RUNTIME_LORA_UPDATING"),
            ("rank", "model.adapter_rank", "--max-lora-rank"),
            ("elsewhere", "model.adapter_not_seen", "asSeenByServer"),
            ("unlisted", "model.adapter_not_listed", "several servers"),
            ("another base", "model.adapter_not_listed", "several servers"),
        ])
    func problems(what: String, code: String, hint: String) async throws {
        var settings = FakeVLLM.Settings()
        settings.isLoadingOn = what != "off"
        settings.maximumRank = what == "rank" ? 1 : 16
        settings.listsAdapters = what != "unlisted"
        settings.parent = what == "another base" ? "other" : nil
        try await scene(settings, asSeenByServer: what == "elsewhere" ? "/nonexistent" : nil) { scene in
            let error = await #expect(throws: FledgeError.self) {
                try await scene.delivery.deliver([scene.adapters[0]])
            }
            #expect(error?.code.rawValue == code && error?.hint?.contains(hint) == true, "\(String(describing: error))")
        }
    }

    @Test("a folder that cannot be written, or that holds something else under the name, is told")
    func folder() async throws {
        try await TemporaryDirectory.with { directory in
            let adapter = try WrittenAdapter.write(in: directory)
            let file = directory + "/file"
            try Data().write(to: URL(filePath: file))
            let closed = SharedAdapterFolder(AdapterFolder(path: file))
            let error = #expect(throws: FledgeError.self) {
                try closed.put("a") { try PEFTAdapter(adapter).copy(to: $0) }
            }
            #expect(error?.code == "model.adapter_folder")
            let shared = SharedAdapterFolder(AdapterFolder(path: directory + "/shared", asSeenByServer: "/mnt/"))
            let copy = { (_ name: String) in try shared.put(name) { try PEFTAdapter(adapter).copy(to: $0) } }
            #expect(try copy("a") == "/mnt/a")
            #expect(try copy("a") == "/mnt/a")
            try Data([1]).write(to: URL(filePath: directory + "/shared/a/adapter_model.safetensors"))
            let changed = #expect(throws: FledgeError.self) { try copy("a") }
            #expect(changed?.code == "model.adapter_changed")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/shared") == ["a"])
        }
    }

    @Test("for mlx-lm both matrices are transposed and alpha over rank is the scale; each call names the folder")
    func mlx() async throws {
        try await TemporaryDirectory.with { directory in
            let adapter = try WrittenAdapter.write(in: directory)
            let delivery = MLXAdapters(folder: AdapterFolder(path: directory + "/shared"))
            try await delivery.deliver([adapter])
            let seen = try await ScriptedServer.with(["{}"]) { script in
                let server = AdapterModelServer(
                    model: "m", server: OpenAIModelServer(base: script.base, key: nil, http: CurlClient()),
                    delivery: delivery)
                for digest in [adapter.digest, nil] {
                    _ = try await server.complete(
                        CompletionRequest(
                            model: "m", adapter: digest, messages: [], decoding: DecodingDefinition(), choices: nil))
                }
            }
            let folder = "\(directory)/shared/\(adapter.digest)-mlx"
            #expect(seen.first?.body.contains(#""adapters":"\#(folder)""#) == true)
            #expect(seen.last?.body.contains("adapters") == false)
            let config = try String(contentsOfFile: folder + "/adapter_config.json", encoding: .utf8)
            #expect(config.contains(#""scale":3"#) && config.contains(#""keys":["self_attn.q_proj"]"#))
            let tensors = try SafetensorsFile(URL(filePath: folder + "/adapters.safetensors")).tensors()
            #expect(
                tensors.map(\.name).sorted() == ["lora_a", "lora_b"].map { "model.layers.1.self_attn.q_proj.\($0)" })
            let lowering = try #require(tensors.first { $0.name.hasSuffix("lora_a") })
            #expect(lowering.shape == [4, 2])
            #expect(WrittenAdapter.values(lowering) == [0, 4, 1, 5, 2, 6, 3, 7])
        }
    }
}
