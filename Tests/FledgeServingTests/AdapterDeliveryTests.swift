import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Synchronization
import Testing

@testable import FledgeServing

/// A server with room for one adapter, on which something else happens while it unloads one.
private actor BusyLoader: AdapterLoader {
    private var listed: [String]
    private(set) var unloaded: [String] = []
    private var whileUnloading: @Sendable (String) async throws -> Void = { _ in }

    init(listed: [String]) { self.listed = listed }

    func set(_ whileUnloading: @escaping @Sendable (String) async throws -> Void) {
        self.whileUnloading = whileUnloading
    }

    func models() async throws -> [ListedModel] {
        let adapters = listed.map { #", {"id": "\#($0)", "parent": "base"}"# }.joined()
        return ListedModel.list(Array(#"{"data": [{"id": "base"}\#(adapters)]}"#.utf8)) ?? []
    }

    func load(_ name: String, path: String) async throws { listed.append(name) }

    func unload(_ name: String) async throws {
        unloaded.append(name)
        listed.removeAll { $0 == name }
        try await whileUnloading(name)
    }

    func room() async -> Int? { 1 }
    nonisolated func servedName(of name: String, base: String) -> String { name }
    nonisolated var masksBase: Bool { false }
    nonisolated var unlistedHint: String { "" }
}

@Suite("Adapters at servers that take them while they run")
struct AdapterDeliveryTests {
    typealias Kind = FakeAdapterServer.Kind

    /// A server, a shared folder and three adapters.
    private struct Scene {
        var fake: FakeAdapterServer
        var delivery: any AdapterDelivery
        var server: AdapterModelServer
        var adapters: [ServedAdapter]
        var shared: String

        func ask(_ adapter: ServedAdapter?) async throws -> String {
            try await server.complete(
                CompletionRequest(
                    model: "base", adapter: adapter?.digest, messages: [ChatMessage(role: .user, content: "hello")],
                    decoding: DecodingDefinition(), choices: nil)
            ).text
        }
    }

    private func scene(
        _ settings: FakeAdapterServer.Settings, asSeenByServer: String? = nil, _ body: (Scene) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let fake = FakeAdapterServer(settings)
            try await fake.served { base in
                let folder = AdapterFolder(path: directory + "/shared", asSeenByServer: asSeenByServer)
                let routes = AdapterRoutes(address: ServerAddress(base: base, key: nil), http: CurlClient())
                let delivery: any AdapterDelivery =
                    switch settings.kind {
                    case .vLLM: LoadedAdapters(model: "base", server: VLLMClient(routes: routes), folder: folder)
                    case .sgLang: LoadedAdapters(model: "base", server: SGLangClient(routes: routes), folder: folder)
                    case .lorax:
                        FolderAdapters(server: LoRAXServer(model: "base", routes: routes), folder: folder)
                    }
                let server = AdapterModelServer(
                    model: "base", server: OpenAIModelServer(base: base, key: nil, http: CurlClient()),
                    delivery: delivery)
                let adapters = try (1...3).map { try WrittenAdapter.write(value: Float($0), in: directory) }
                try await body(
                    Scene(
                        fake: fake, delivery: delivery, server: server, adapters: adapters, shared: folder.path))
            }
        }
    }

    @Test("an adapter is put there whole, loaded once under its digest, and answers", arguments: Kind.allCases)
    func delivered(kind: Kind) async throws {
        try await scene(.init(kind: kind)) { scene in
            let adapter = scene.adapters[0]
            for _ in 0..<2 { try await scene.delivery.deliver([adapter]) }
            for _ in 0..<2 {
                let text = try await scene.ask(adapter)
                #expect(text == "as \(adapter.digest)")
            }
            let loaded = try await scene.delivery.loaded()
            #expect(loaded == [adapter.digest])
            #expect(scene.fake.changes.count { $0 == "+\(adapter.digest)" } == 1)
            let names = try FileManager.default.contentsOfDirectory(atPath: scene.shared)
            #expect(names.contains(adapter.digest.rawValue) && !names.contains { $0.hasPrefix(".") })
            #expect(
                FileManager.default.contentsEqual(
                    atPath: "\(scene.shared)/\(adapter.digest)/adapter_model.safetensors",
                    andPath: adapter.directory + "/adapter_model.safetensors"))
            let path = "\(scene.shared)/\(adapter.digest)"
            let served = [Kind.vLLM: adapter.digest.rawValue, .sgLang: "base:\(adapter.digest)", .lorax: path]
            #expect(scene.fake.asked.last == served[kind])
        }
    }

    @Test("while adapters are loaded, the base is asked as an adapter of zeros, also by a daemon that loaded none")
    func zeros() async throws {
        try await scene(.init()) { scene in
            let before = try await scene.ask(nil)
            #expect(before == "as the base" && scene.fake.asked == ["base"])
            try await scene.delivery.deliver([scene.adapters[0]])
            let after = try await scene.ask(nil)
            #expect(after == "as the base")
            #expect(scene.fake.asked.last?.hasPrefix("fledge-zero-") == true)
            let other = CompletionRequest(
                model: "other", adapter: nil, messages: [], decoding: DecodingDefinition(), choices: nil)
            let error = await #expect(throws: FledgeError.self) { try await scene.server.complete(other) }
            #expect(error?.code == "model.unknown")
        }
    }

    @Test(
        "a server that keeps adapters and base apart is asked for the base by its name",
        arguments: [Kind.sgLang, .lorax])
    func base(kind: Kind) async throws {
        try await scene(.init(kind: kind)) { scene in
            try await scene.delivery.deliver([scene.adapters[0]])
            _ = try await scene.ask(scene.adapters[0])
            let text = try await scene.ask(nil)
            #expect(text == "as the base" && scene.fake.asked.last == "base")
            #expect(!scene.fake.changes.contains { $0.contains("zero") })
        }
    }

    @Test(
        "a server that was started anew gets its adapters again, and the call is made again", arguments: Kind.allCases)
    func restarted(kind: Kind) async throws {
        try await scene(.init(kind: kind)) { scene in
            try await scene.delivery.deliver([scene.adapters[0]])
            _ = try await scene.ask(scene.adapters[0])
            scene.fake.restart()
            let tuned = try await scene.ask(scene.adapters[0])
            #expect(tuned == "as \(scene.adapters[0].digest)")
            scene.fake.restart()
            let base = try await scene.ask(nil)
            #expect(base == "as the base")
        }
    }

    @Test(
        "the adapter that was longest not asked is unloaded before a slot would be missing, and loaded when it is asked",
        arguments: [(.vLLM, 4, 3), (.sgLang, 2, 2)] as [(Kind, Int, Int)])
    func room(kind: Kind, slots: Int, loaded: Int) async throws {
        var settings = FakeAdapterServer.Settings(kind: kind)
        settings.slots = slots
        try await scene(settings) { scene in
            let names = scene.adapters.map(\.digest.rawValue)
            try await scene.delivery.deliver(Array(scene.adapters.prefix(2)))
            _ = try await scene.ask(scene.adapters[0])
            try await scene.delivery.deliver([scene.adapters[2]])
            #expect(scene.fake.changes.last == "+\(names[2])" && scene.fake.changes.contains("-\(names[1])"))
            #expect(scene.fake.loaded.count == loaded)
            let text = try await scene.ask(scene.adapters[1])
            #expect(text == "as \(names[1])")
            #expect(scene.fake.loaded.count == loaded)
        }
    }

    @Test(
        "an adapter is not unloaded while a call of it is not answered",
        arguments: [(.vLLM, 3), (.sgLang, 1)] as [(Kind, Int)])
    func drain(kind: Kind, slots: Int) async throws {
        var settings = FakeAdapterServer.Settings(kind: kind)
        settings.slots = slots
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

    @Test("an adapter that a call takes up while another is unloaded stays")
    func takenUp() async throws {
        try await TemporaryDirectory.with { directory in
            let adapters = try (1...3).map { try WrittenAdapter.write(value: Float($0), in: directory) }
            let others = adapters.prefix(2).map(\.digest)
            let loader = BusyLoader(listed: others.map(\.rawValue))
            let delivery = LoadedAdapters(
                model: "base", server: loader, folder: AdapterFolder(path: directory + "/shared"))
            await loader.set { name in
                for other in others where other.rawValue != name { _ = try await delivery.begin(other) }
            }
            try await delivery.deliver([adapters[2]])
            let unloaded = await loader.unloaded
            let loaded = try await delivery.loaded()
            #expect(unloaded.count == 1 && loaded.contains(adapters[2].digest))
            #expect(others.count { loaded.contains($0) } == 1)
        }
    }

    @Test("adapters that others have loaded count against the room, and are not unloaded")
    func othersLoaded() async throws {
        try await TemporaryDirectory.with { directory in
            let adapters = try (1...2).map { try WrittenAdapter.write(value: Float($0), in: directory) }
            let loader = BusyLoader(listed: ["somebody's", adapters[0].digest.rawValue])
            let delivery = LoadedAdapters(
                model: "base", server: loader, folder: AdapterFolder(path: directory + "/shared"))
            try await delivery.deliver([adapters[1]])
            let unloaded = await loader.unloaded
            #expect(unloaded == [adapters[0].digest.rawValue])
        }
    }

    @Test("LoRAX's base is looked at before each call until it tells it, and again when that is half a minute ago")
    func baseChecked() async throws {
        try await TemporaryDirectory.with { directory in
            var settings = FakeAdapterServer.Settings(kind: .lorax)
            settings.tellsModel = false
            let fake = FakeAdapterServer(settings)
            try await fake.served { base in
                let clock = Mutex(ContinuousClock.now)
                let routes = AdapterRoutes(address: ServerAddress(base: base, key: nil), http: CurlClient())
                let delivery = FolderAdapters(
                    server: LoRAXServer(model: "base", routes: routes),
                    folder: AdapterFolder(path: directory + "/shared"), now: { clock.withLock { $0 } })
                _ = try await delivery.begin(nil)
                fake.set {
                    $0.tellsModel = true
                    $0.model = "other"
                }
                let told = await #expect(throws: FledgeError.self) { try await delivery.begin(nil) }
                #expect(told?.code == "model.unknown")
                fake.set { $0.model = "base" }
                _ = try await delivery.begin(nil)
                fake.set { $0.model = "other" }
                _ = try await delivery.begin(nil)
                clock.withLock { $0 += .seconds(31) }
                let later = await #expect(throws: FledgeError.self) { try await delivery.begin(nil) }
                #expect(later?.code == "model.unknown")
            }
        }
    }

    @Test(
        "what keeps an adapter from being loaded is said with what mends it",
        arguments: [
            (.vLLM, "off", "model.adapter_loading_off", "VLLM_ALLOW_RUNTIME_LORA_UPDATING"),
            (.vLLM, "rank", "model.adapter_rank", "--max-lora-rank"),
            (.vLLM, "elsewhere", "model.adapter_not_seen", "asSeenByServer"),
            (.vLLM, "unlisted", "model.adapter_not_listed", "several servers"),
            (.vLLM, "another base", "model.adapter_not_listed", "several servers"),
            (.sgLang, "off", "model.adapter_loading_off", "--enable-lora"),
            (.sgLang, "rank", "model.adapter_rank", "--lora-target-modules"),
            (.sgLang, "rank under a 200", "model.adapter_rank", "--max-lora-rank"),
            (.sgLang, "elsewhere", "model.adapter_not_seen", "asSeenByServer"),
            (.sgLang, "unlisted", "model.adapter_not_listed", "several servers"),
            (.sgLang, "another base", "model.adapter_not_listed", "several servers"),
            (.lorax, "elsewhere", "model.adapter_not_seen", "asSeenByServer"),
            (.lorax, "another model", "model.unknown", "--model-id"),
        ] as [(Kind, String, String, String)])
    func problems(kind: Kind, what: String, code: String, hint: String) async throws {
        var settings = FakeAdapterServer.Settings(kind: kind)
        settings.isLoadingOn = what != "off"
        settings.maximumRank = what.hasPrefix("rank") ? 1 : 16
        settings.refusalStatus = what.hasSuffix("200") ? 200 : 400
        settings.listsAdapters = what != "unlisted"
        settings.parent = what == "another base" ? "other" : nil
        settings.model = what == "another model" ? "other" : "base"
        try await scene(settings, asSeenByServer: what == "elsewhere" ? "/nonexistent" : nil) { scene in
            let error = await #expect(throws: FledgeError.self) {
                try await scene.delivery.deliver([scene.adapters[0]])
                // LoRAX looks for the folder when it is asked.
                _ = try await scene.ask(scene.adapters[0])
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
            // A definition does not have whole paths made on the daemon's machine.
            let deep = SharedAdapterFolder(AdapterFolder(path: directory + "/nowhere/shared"))
            let missing = #expect(throws: FledgeError.self) {
                try deep.put("a") { try PEFTAdapter(adapter).copy(to: $0) }
            }
            #expect(missing?.code == "model.adapter_folder")
            #expect(!FileManager.default.fileExists(atPath: directory + "/nowhere"))
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
            let delivery = FolderAdapters(
                server: MLXServer(), folder: AdapterFolder(path: directory + "/shared"))
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
