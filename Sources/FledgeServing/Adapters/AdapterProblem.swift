import FledgeCore

/// What keeps a server from loading an adapter, and what mends it.
enum AdapterProblem {
    static func notSeen(_ path: String, says: String?) -> FledgeError {
        FledgeError(
            "model.adapter_not_seen", "the server does not find the adapter at \(path)" + words(says),
            hint: "mount the adapters' folder there, or say where it is: .folder(\"…\", asSeenByServer: \"…\")",
            exitCode: .configuration)
    }

    /// - Parameters:
    ///   - rank: the adapter's.
    ///   - status: of HTTP.
    ///   - hasRoute: whether the server knows the route at all.
    ///   - says: its words, without anything private.
    static func refused(path: String, status: Int, hasRoute: Bool, says: String) -> FledgeError {
        let said = says.lowercased()
        if !hasRoute {
            return FledgeError(
                "model.adapter_loading_off", "the server loads no adapters while it runs (status \(status))",
                hint: "start vLLM with VLLM_ALLOW_RUNTIME_LORA_UPDATING=1 and --enable-lora",
                exitCode: .configuration)
        }
        if said.contains("rank") {
            return FledgeError(
                "model.adapter_rank", "the server takes no adapter of this rank" + words(says),
                hint: "start vLLM with a higher --max-lora-rank, or lower rank in LoRA", exitCode: .configuration)
        }
        if said.contains("slot") {
            return FledgeError(
                "model.adapter_slots", "the server has no place for one more adapter" + words(says),
                hint: "start vLLM with higher --max-loras and --max-cpu-loras, or unload what is not used any more",
                exitCode: .configuration)
        }
        if status == 404 { return notSeen(path, says: says) }
        return FledgeError(
            "model.adapter_refused", "the server does not load the adapter (status \(status)\(words(says)))",
            place: path, hint: "its log says why; --lora-target-modules and the base model are the usual causes",
            exitCode: .configuration)
    }

    static func notListed(_ name: String, base: String?, model: String) -> FledgeError {
        FledgeError(
            "model.adapter_not_listed",
            base.map { "the server loaded the adapter \(name.prefix(12)) onto \($0), not onto \(model)" }
                ?? "the server says that it loaded the adapter \(name.prefix(12)), and does not list it",
            hint: "the address may lead to several servers: name each of them as a model of its own",
            exitCode: .configuration)
    }

    private static func words(_ says: String?) -> String {
        guard let says, !says.isEmpty else { return "" }
        return ": \(says)"
    }
}
