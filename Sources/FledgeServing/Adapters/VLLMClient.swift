import CurlClient
import FledgeCore

/// The routes by which vLLM loads adapters and tells what it has loaded.
struct VLLMClient: AdapterLoader {
    let routes: AdapterRoutes

    func models() async throws -> [ListedModel] { try await routes.models() }

    func load(_ name: String, path: String) async throws {
        let response = try await routes.send(
            "POST", routes.address.base + "/load_lora_adapter", body: ["lora_name": name, "lora_path": path],
            timeout: .seconds(180))
        guard !(200..<300).contains(response.status) else { return }
        let words = ServerWords(response.body)
        let says = AdapterRoutes.line(words.page ?? words.message)
        // Another call or daemon was first.
        if response.status == 400, says.lowercased().contains("already") { return }
        if [401, 403].contains(response.status) { throw ChatClient.failure(of: response) }
        throw Self.problem(path, response, words, says)
    }

    func unload(_ name: String) async throws {
        let response = try await routes.send(
            "POST", routes.address.base + "/unload_lora_adapter", body: ["lora_name": name], timeout: .seconds(60))
        guard [200, 400, 404].contains(response.status) else { throw ChatClient.failure(of: response) }
    }

    /// Of the slots that its metrics tell, one is for the zeros and one stays spare.
    func room() async -> Int? {
        guard let response = try? await routes.send("GET", routes.root + "/metrics", timeout: .seconds(15)),
            response.status == 200,
            let match = String(decoding: response.body, as: UTF8.self).firstMatch(of: /max_lora="(\d+)"/),
            let slots = Int(match.1), slots > 0
        else { return nil }
        return max(1, slots - 2)
    }

    func servedName(of name: String, base: String) -> String { name }

    /// On the CPU it answers calls without an adapter with that of its last slot, where they are computed beside calls with
    /// one and all slots are taken.
    var masksBase: Bool { true }

    var unlistedHint: String { "the address may lead to several servers: name each of them as a model of its own" }

    private static func problem(
        _ path: String, _ response: HTTPResponse, _ words: ServerWords, _ says: String
    ) -> FledgeError {
        let said = says.lowercased()
        if AdapterRoutes.isUnknown(response, words) {
            return AdapterProblem.loadingOff(
                "status \(response.status)",
                hint: "start vLLM with VLLM_ALLOW_RUNTIME_LORA_UPDATING=1 and --enable-lora")
        }
        if said.contains("rank") {
            return AdapterProblem.rank(
                says, hint: "start vLLM with a higher --max-lora-rank, or lower rank in LoRA")
        }
        if said.contains("slot") {
            return AdapterProblem.slots(
                says,
                hint: "start vLLM with higher --max-loras and --max-cpu-loras, or unload what is not used any more")
        }
        if response.status == 404 { return AdapterProblem.notSeen(path, says: says) }
        return AdapterProblem.refused(
            path, status: response.status, says: says,
            hint: "its log says why; --lora-target-modules and the base model are the usual causes")
    }
}
