import Foundation
import Synchronization

/// vLLM's routes for completions and for adapters, with its ways of refusing; an answer is what lies in the adapter's folder.
package final class FakeVLLM: Sendable {
    package struct Settings: Sendable {
        package var model = "base"
        /// Whether adapters may be loaded while it runs.
        package var isLoadingOn = true
        package var maximumRank = 16
        package var slots = 4
        /// Whether its metrics tell the slots.
        package var tellsSlots = true
        /// What it lists as an adapter's base; nil for the model.
        package var parent: String?
        /// Whether it lists what it has loaded.
        package var listsAdapters = true

        package init() {}
    }

    private struct State {
        var adapters: [(name: String, answer: String)] = []
        var asked: [String] = []
        var changes: [String] = []
    }

    private struct LoadBody: Decodable {
        var lora_name: String
        var lora_path: String?
    }

    private struct ChatBody: Decodable { var model: String }

    private struct Config: Decodable { var r: Int }

    private let settings: Mutex<Settings>
    private let state = Mutex(State())

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
        switch (request.method, request.path) {
        case ("GET", "/v1/models"): return json(200, models(settings))
        case ("GET", "/metrics"):
            let line = settings.tellsSlots ? #"vllm:lora_requests_info{max_lora="\#(settings.slots)"} 1.0"# : ""
            return StubHTTPServer.Response(body: Array(line.utf8))
        case ("POST", "/v1/load_lora_adapter") where settings.isLoadingOn: return load(request.body, settings)
        case ("POST", "/v1/unload_lora_adapter") where settings.isLoadingOn: return unload(request.body)
        case ("POST", "/v1/chat/completions"): return chat(request.body, settings)
        default: return json(404, #"{"detail": "Not Found"}"#)
        }
    }

    private func models(_ settings: Settings) -> String {
        let adapters = settings.listsAdapters ? state.withLock(\.adapters) : []
        let listed =
            [#"{"id": "\#(settings.model)", "owned_by": "vllm", "parent": null}"#]
            + adapters.map {
                #"{"id": "\#($0.name)", "owned_by": "vllm", "parent": "\#(settings.parent ?? settings.model)"}"#
            }
        return #"{"object": "list", "data": [\#(listed.joined(separator: ", "))]}"#
    }

    private func load(_ body: [UInt8], _ settings: Settings) -> StubHTTPServer.Response {
        guard let body = try? JSONDecoder().decode(LoadBody.self, from: Data(body)), let path = body.lora_path else {
            return error(400, "Both 'lora_name' and 'lora_path' must be provided.")
        }
        let folder = URL(filePath: path, directoryHint: .isDirectory)
        guard let config = try? Data(contentsOf: folder.appending(path: "adapter_config.json")),
            let rank = try? JSONDecoder().decode(Config.self, from: config).r,
            let weights = try? Data(contentsOf: folder.appending(path: "adapter_model.safetensors"))
        else { return error(404, "No adapter found for \(body.lora_name)") }
        guard rank <= settings.maximumRank else {
            return error(500, "LoRA rank \(rank) is greater than max_lora_rank \(settings.maximumRank).")
        }
        let isZero = weights.suffix(16).allSatisfy { $0 == 0 }
        return state.withLock { state in
            guard !state.adapters.contains(where: { $0.name == body.lora_name }) else {
                return error(400, "The lora adapter '\(body.lora_name)' has already been loaded.")
            }
            state.adapters.append((body.lora_name, isZero ? "as the base" : "as \(body.lora_name)"))
            state.changes.append("+\(body.lora_name)")
            return StubHTTPServer.Response(body: Array("Success: LoRA adapter added.".utf8))
        }
    }

    private func unload(_ body: [UInt8]) -> StubHTTPServer.Response {
        guard let name = try? JSONDecoder().decode(LoadBody.self, from: Data(body)).lora_name else {
            return error(400, "'lora_name' needs to be provided.")
        }
        return state.withLock { state in
            guard let place = state.adapters.firstIndex(where: { $0.name == name }) else {
                return error(404, "The lora adapter '\(name)' cannot be found.")
            }
            state.adapters.remove(at: place)
            state.changes.append("-\(name)")
            return StubHTTPServer.Response(body: Array("Success: LoRA adapter removed.".utf8))
        }
    }

    private func chat(_ body: [UInt8], _ settings: Settings) -> StubHTTPServer.Response {
        guard let name = try? JSONDecoder().decode(ChatBody.self, from: Data(body)).model else {
            return error(400, "no model is named")
        }
        let text = state.withLock { state -> String? in
            state.asked.append(name)
            return name == settings.model ? "as the base" : state.adapters.first { $0.name == name }?.answer
        }
        guard let text else { return error(404, "The model `\(name)` does not exist.", kind: "NotFoundError") }
        return json(200, #"{"choices": [{"message": {"content": "\#(text)"}, "finish_reason": "stop"}]}"#)
    }

    private func error(_ status: Int, _ message: String, kind: String = "BadRequestError") -> StubHTTPServer.Response {
        json(status, #"{"error": {"message": "\#(message)", "type": "\#(kind)", "code": \#(status)}}"#)
    }

    private func json(_ status: Int, _ text: String) -> StubHTTPServer.Response {
        StubHTTPServer.Response(
            status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
    }
}
