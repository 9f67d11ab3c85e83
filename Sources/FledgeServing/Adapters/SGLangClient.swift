import CurlClient
import FledgeCore

/// The routes by which SGLang loads adapters and tells what it has loaded.
///
/// They lie beside OpenAI's, and answer `success` and `error_message` in the body, whatever the status. A call names an
/// adapter behind the base's name: `base:adapter`.
struct SGLangClient: AdapterLoader {
    let routes: AdapterRoutes

    func models() async throws -> [ListedModel] { try await routes.models() }

    func load(_ name: String, path: String) async throws {
        let response = try await routes.send(
            "POST", routes.root + "/load_lora_adapter", body: ["lora_name": name, "lora_path": path],
            timeout: .seconds(180))
        guard let says = Self.refusal(response) else { return }
        let said = says.lowercased()
        // Another call or daemon was first.
        if said.contains("already loaded") || said.contains("already exists") { return }
        if [401, 403].contains(response.status) { throw ChatClient.failure(of: response) }
        throw Self.problem(path, response, says, said)
    }

    func unload(_ name: String) async throws {
        let response = try await routes.send(
            "POST", routes.root + "/unload_lora_adapter", body: ["lora_name": name], timeout: .seconds(60))
        guard [200, 400, 404].contains(response.status) else { throw ChatClient.failure(of: response) }
    }

    /// It keeps adapters in memory up to `--max-loaded-loras`, and brings those that a batch needs onto the GPU by itself.
    func room() async -> Int? {
        for route in ["/server_info", "/get_server_info"] {
            if let response = try? await routes.send("GET", routes.root + route, timeout: .seconds(15)),
                response.status == 200, let info = LenientJSON.read(response.body)
            {
                return info["max_loaded_loras"]?.count.flatMap { $0 > 0 ? $0 : nil }
            }
        }
        return nil
    }

    func servedName(of name: String, base: String) -> String { "\(base):\(name)" }

    /// The golden check finds whether calls of adapters change the base's answers.
    var masksBase: Bool { false }

    var unlistedHint: String {
        "the address may lead to several servers: name each of them as a model of its own; "
            + "or SGLang is too old to list adapters in /v1/models: update it"
    }

    /// Its words; nil where it did what was asked.
    private static func refusal(_ response: HTTPResponse) -> String? {
        let json = LenientJSON.read(response.body)
        if (200..<300).contains(response.status), json?["success"] != .bool(false) { return nil }
        let words = ServerWords(response.body)
        return AdapterRoutes.line(json?["error_message"]?.text ?? words.page ?? words.message)
    }

    private static func problem(
        _ path: String, _ response: HTTPResponse, _ says: String, _ said: String
    ) -> FledgeError {
        if said.contains("not enabled") || AdapterRoutes.isUnknown(response, ServerWords(response.body)) {
            return AdapterProblem.loadingOff(
                "status \(response.status)",
                hint: "start SGLang with --enable-lora, --max-lora-rank and --lora-target-modules all")
        }
        if said.contains("memory pool") || said.contains("lora-target-modules") || said.contains("lora_rank") {
            return AdapterProblem.rank(
                says,
                hint: "ranks and modules are fixed when SGLang starts: start it with --max-lora-rank and "
                    + "--lora-target-modules all, or lower rank in LoRA")
        }
        if said.contains("evict") || said.contains("max_loaded_loras") || said.contains("max loaded loras") {
            return AdapterProblem.slots(says, hint: "start SGLang with a higher --max-loaded-loras")
        }
        // What is no folder there it takes for a repository's name.
        if ["no such file", "repo id must be", "adapter_config.json", "does not exist"].contains(where: said.contains) {
            return AdapterProblem.notSeen(path, says: says)
        }
        return AdapterProblem.refused(
            path, status: response.status, says: says, hint: "its log says why; the base model is the usual cause")
    }
}
