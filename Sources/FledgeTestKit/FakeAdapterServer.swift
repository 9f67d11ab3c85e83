import Foundation
import Synchronization

/// The routes for completions and adapters of vLLM, SGLang or LoRAX, with their ways of refusing; an answer is what lies in the
/// adapter's folder.
///
/// vLLM's were seen on a real server; SGLang's and LoRAX's are written from their documentation.
package final class FakeAdapterServer: Sendable {
    package enum Kind: String, Sendable, CaseIterable { case vLLM, sgLang, lorax }

    package struct Settings: Sendable {
        package var kind: Kind
        package var model = "base"
        /// Whether LoRAX tells its model.
        package var tellsModel = true
        /// Whether adapters may be loaded while it runs.
        package var isLoadingOn = true
        package var maximumRank = 16
        /// vLLM's `--max-loras`, SGLang's `--max-loaded-loras`.
        package var slots = 4
        /// Whether it tells the slots.
        package var tellsSlots = true
        /// What it lists as an adapter's base; nil for the model.
        package var parent: String?
        /// Whether it lists what it has loaded.
        package var listsAdapters = true
        /// vLLM's; nil for one that does not tell it.
        package var version: String? = "0.32.0"
        /// The status of what SGLang refuses.
        package var refusalStatus = 400

        package init(kind: Kind = .vLLM) { self.kind = kind }
    }

    struct State {
        var adapters: [(name: String, answer: String)] = []
        var asked: [String] = []
        var changes: [String] = []
    }

    struct LoadBody: Decodable {
        var lora_name: String
        var lora_path: String?
    }

    private struct ChatBody: Decodable {
        var model: String
        var adapter_source: String?
    }

    private struct Config: Decodable { var r: Int }

    private let settings: Mutex<Settings>
    let state = Mutex(State())

    package init(_ settings: Settings = Settings()) { self.settings = Mutex(settings) }

    /// The models that were asked, in order.
    package var asked: [String] { state.withLock(\.asked) }
    /// What was loaded and unloaded, in order, as `+name` and `-name`.
    package var changes: [String] { state.withLock(\.changes) }
    package var loaded: [String] { state.withLock { $0.adapters.map(\.name) } }

    package func set(_ change: (inout Settings) -> Void) { settings.withLock { change(&$0) } }
    /// Forgets its adapters, as a server that was started anew.
    package func restart() { state.withLock { $0.adapters = [] } }

    /// Runs the body with the base address of a server of these routes.
    nonisolated(nonsending) package func served<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let server = StubHTTPServer { [self] in answer($0) }
        defer { server.close() }
        return try await body("http://127.0.0.1:\(try server.listen())/v1")
    }

    private func answer(_ request: StubHTTPServer.Request) -> StubHTTPServer.Response {
        let settings = settings.withLock { $0 }
        if (request.method, request.path) == ("POST", "/v1/chat/completions") { return chat(request.body, settings) }
        if settings.kind == .vLLM, (request.method, request.path) == ("POST", "/v1/completions") {
            return scored(request.body, settings)
        }
        if settings.kind == .vLLM, (request.method, request.path) == ("GET", "/version") {
            return settings.version.map { json(200, #"{"version": "\#($0)"}"#) }
                ?? json(404, #"{"detail": "Not Found"}"#)
        }
        return switch settings.kind {
        case .vLLM: answerAsVLLM(request, settings)
        case .sgLang: answerAsSGLang(request, settings)
        case .lorax: answerAsLoRAX(request, settings)
        }
    }

    /// What a loaded folder answers; nil where no adapter lies there.
    func read(_ path: String, as name: String) -> (rank: Int, answer: String)? {
        let folder = URL(filePath: path, directoryHint: .isDirectory)
        guard let config = try? Data(contentsOf: folder.appending(path: "adapter_config.json")),
            let rank = try? JSONDecoder().decode(Config.self, from: config).r,
            let weights = try? Data(contentsOf: folder.appending(path: "adapter_model.safetensors"))
        else { return nil }
        return (rank, weights.suffix(16).allSatisfy { $0 == 0 } ? "as the base" : "as \(name)")
    }

    func models(_ settings: Settings) -> StubHTTPServer.Response {
        let owner = settings.kind.rawValue.lowercased()
        let adapters = settings.listsAdapters ? state.withLock(\.adapters) : []
        let listed =
            [#"{"id": "\#(settings.model)", "owned_by": "\#(owner)", "parent": null}"#]
            + adapters.map {
                #"{"id": "\#($0.name)", "owned_by": "\#(owner)", "parent": "\#(settings.parent ?? settings.model)"}"#
            }
        return json(200, #"{"object": "list", "data": [\#(listed.joined(separator: ", "))]}"#)
    }

    private func chat(_ body: [UInt8], _ settings: Settings) -> StubHTTPServer.Response {
        guard let body = try? JSONDecoder().decode(ChatBody.self, from: Data(body)) else {
            return error(400, "no model is named")
        }
        state.withLock { $0.asked.append(body.model) }
        let text: String? =
            switch settings.kind {
            case .vLLM: body.model == settings.model ? "as the base" : loadedAnswer(of: body.model)
            case .sgLang:
                // It does not look at the base's name.
                body.model.split(separator: ":", maxSplits: 1).dropFirst().first
                    .map { loadedAnswer(of: String($0)) } ?? "as the base"
            case .lorax: [settings.model, ""].contains(body.model) ? "as the base" : loraxAnswer(body.model)
            }
        switch (settings.kind, text) {
        case (.lorax, _) where ![settings.model, ""].contains(body.model) && body.adapter_source != "local":
            return loraxFailure("Repository Not Found for url: https://huggingface.co/api/models/\(body.model)")
        case (_, let text?):
            return json(200, #"{"choices": [{"message": {"content": "\#(text)"}, "finish_reason": "stop"}]}"#)
        case (.vLLM, nil): return error(404, "The model `\(body.model)` does not exist.", kind: "NotFoundError")
        case (.sgLang, nil): return neverLoaded(body.model)
        case (.lorax, nil): return loraxFailure("No local weights found in \(body.model) with extension .safetensors")
        }
    }

    func loadedAnswer(of name: String) -> String? {
        state.withLock { $0.adapters.first { $0.name == name }?.answer }
    }

    func error(_ status: Int, _ message: String, kind: String = "BadRequestError") -> StubHTTPServer.Response {
        json(status, #"{"error": {"message": "\#(message)", "type": "\#(kind)", "code": \#(status)}}"#)
    }

    func json(_ status: Int, _ text: String) -> StubHTTPServer.Response {
        StubHTTPServer.Response(
            status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
    }
}
