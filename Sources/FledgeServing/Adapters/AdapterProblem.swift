import FledgeCore

/// What keeps a server from loading an adapter, and what mends it.
///
/// `says` are the server's words, on one line and without anything private.
enum AdapterProblem {
    static func notSeen(_ path: String, says: String?) -> FledgeError {
        FledgeError(
            "model.adapter_not_seen", "the server does not find the adapter at \(path)" + words(says),
            hint: "mount the adapters' folder there, or say where it is: .folder(\"…\", asSeenByServer: \"…\")")
    }

    static func loadingOff(_ why: String, hint: String) -> FledgeError {
        FledgeError(
            "model.adapter_loading_off", "the server loads no adapters while it runs (\(why))", hint: hint)
    }

    static func rank(_ says: String, hint: String) -> FledgeError {
        FledgeError(
            "model.adapter_rank", "the server takes no adapter of this rank or for these modules" + words(says),
            hint: hint)
    }

    static func slots(_ says: String, hint: String) -> FledgeError {
        FledgeError(
            "model.adapter_slots", "the server has no place for one more adapter" + words(says), hint: hint)
    }

    /// - Parameter status: of HTTP.
    static func refused(_ path: String, status: Int, says: String, hint: String) -> FledgeError {
        FledgeError(
            "model.adapter_refused", "the server does not load the adapter (status \(status)\(words(says)))",
            place: path, hint: hint)
    }

    /// - Parameter base: onto which the adapter was loaded; nil where it is not listed at all.
    static func notListed(_ name: String, base: String?, model: String, hint: String) -> FledgeError {
        FledgeError(
            "model.adapter_not_listed",
            base.map { "the server loaded the adapter \(name.prefix(12)) onto \($0), not onto \(model)" }
                ?? "the server says that it loaded the adapter \(name.prefix(12)), and does not list it",
            hint: hint)
    }

    private static func words(_ says: String?) -> String {
        guard let says, !says.isEmpty else { return "" }
        return ": \(says)"
    }
}
