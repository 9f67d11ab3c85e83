import Foundation
import Synchronization

extension FakeAdapterServer {
    // MARK: vLLM

    func answerAsVLLM(_ request: StubHTTPServer.Request, _ settings: Settings) -> StubHTTPServer.Response {
        switch (request.method, request.path) {
        case ("GET", "/v1/models"): return models(settings)
        case ("GET", "/metrics"):
            let line = settings.tellsSlots ? #"vllm:lora_requests_info{max_lora="\#(settings.slots)"} 1.0"# : ""
            return StubHTTPServer.Response(body: Array(line.utf8))
        case ("POST", "/v1/load_lora_adapter") where settings.isLoadingOn:
            guard let body = loadBody(request), let path = body.lora_path else {
                return error(400, "Both 'lora_name' and 'lora_path' must be provided.")
            }
            guard let found = read(path, as: body.lora_name) else {
                return error(404, "No adapter found for \(body.lora_name)")
            }
            guard found.rank <= settings.maximumRank else {
                return error(500, "LoRA rank \(found.rank) is greater than max_lora_rank \(settings.maximumRank).")
            }
            guard load(body.lora_name, found.answer) else {
                return error(400, "The lora adapter '\(body.lora_name)' has already been loaded.")
            }
            return StubHTTPServer.Response(body: Array("Success: LoRA adapter added.".utf8))
        case ("POST", "/v1/unload_lora_adapter") where settings.isLoadingOn:
            guard let body = loadBody(request) else { return error(400, "'lora_name' needs to be provided.") }
            guard unload(body.lora_name) else {
                return error(404, "The lora adapter '\(body.lora_name)' cannot be found.")
            }
            return StubHTTPServer.Response(body: Array("Success: LoRA adapter removed.".utf8))
        default: return json(404, #"{"detail": "Not Found"}"#)
        }
    }

    // MARK: SGLang

    func answerAsSGLang(_ request: StubHTTPServer.Request, _ settings: Settings) -> StubHTTPServer.Response {
        switch (request.method, request.path) {
        case ("GET", "/v1/models"): return models(settings)
        case ("GET", "/server_info"):
            let limit = settings.tellsSlots ? String(settings.slots) : "null"
            return json(200, #"{"max_loras_per_batch": 8, "max_loaded_loras": \#(limit)}"#)
        case ("POST", "/load_lora_adapter"), ("POST", "/unload_lora_adapter"):
            let problem =
                settings.isLoadingOn
                ? changeAsSGLang(request, settings)
                : "LoRA is not enabled. Please set `--enable-lora` to enable LoRA."
            return json(
                problem == nil ? 200 : settings.refusalStatus,
                #"{"success": \#(problem == nil), "error_message": "\#(problem ?? "")"}"#)
        default: return json(404, #"{"detail": "Not Found"}"#)
        }
    }

    /// - Returns: why it refuses; nil where it did what was asked.
    private func changeAsSGLang(_ request: StubHTTPServer.Request, _ settings: Settings) -> String? {
        guard let body = loadBody(request) else { return "no name" }
        guard let path = body.lora_path else {
            return unload(body.lora_name) ? nil : "LoRA with name \(body.lora_name) does not exist."
        }
        guard let found = read(path, as: body.lora_name) else {
            return "Repo id must be in the form 'repo_name' or 'namespace/repo_name': '\(path)'."
        }
        guard found.rank <= settings.maximumRank else {
            return "LoRA adapter \(body.lora_name) with rank \(found.rank) is incompatible with the current LoRA "
                + "memory pool configuration. Please ensure that the LoRA adapter's rank is within the configured "
                + "`--max-lora-rank` and that the target modules are included in `--lora-target-modules`."
        }
        return load(body.lora_name, found.answer) ? nil : "LoRA with name \(body.lora_name) already exists."
    }

    func neverLoaded(_ model: String) -> StubHTTPServer.Response {
        let name = model.split(separator: ":", maxSplits: 1).last ?? ""
        let message = #"Got LoRA adapter that has never been loaded: \#(name)\nAll loaded adapters: dict_keys([])."#
        return json(
            400, #"{"object": "error", "message": "\#(message)", "type": "BadRequestError", "code": 400}"#)
    }

    // MARK: LoRAX

    func answerAsLoRAX(_ request: StubHTTPServer.Request, _ settings: Settings) -> StubHTTPServer.Response {
        guard (request.method, request.path) == ("GET", "/info"), settings.tellsModel else {
            return StubHTTPServer.Response(status: 404, body: [])
        }
        return json(200, #"{"model_id": "\#(settings.model)", "max_concurrent_requests": 128}"#)
    }

    /// It loads a folder when it is first asked for.
    func loraxAnswer(_ path: String) -> String? {
        let name = URL(filePath: path).lastPathComponent
        guard let found = read(path, as: name) else { return nil }
        _ = load(name, found.answer)
        return found.answer
    }

    func loraxFailure(_ message: String) -> StubHTTPServer.Response {
        let said = "Request failed during generation: Server error: \(message)"
        return json(424, #"{"error": "\#(said)", "error_type": "generation"}"#)
    }

    // MARK: All of them

    private func loadBody(_ request: StubHTTPServer.Request) -> LoadBody? {
        try? JSONDecoder().decode(LoadBody.self, from: Data(request.body))
    }

    /// - Returns: false where the name is taken.
    private func load(_ name: String, _ answer: String) -> Bool {
        state.withLock { state in
            guard !state.adapters.contains(where: { $0.name == name }) else { return false }
            state.adapters.append((name, answer))
            state.changes.append("+\(name)")
            return true
        }
    }

    /// - Returns: false where nothing is loaded under the name.
    private func unload(_ name: String) -> Bool {
        state.withLock { state in
            guard let place = state.adapters.firstIndex(where: { $0.name == name }) else { return false }
            state.adapters.remove(at: place)
            state.changes.append("-\(name)")
            return true
        }
    }
}
