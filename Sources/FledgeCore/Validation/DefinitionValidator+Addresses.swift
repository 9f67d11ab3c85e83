import FledgeDocument

extension DefinitionValidator {
    /// A model's address and the reference of its key.
    static func checkEndpoint(_ endpoint: ModelEndpoint, at place: String, _ findings: inout Findings) {
        if case .env(let name)? = endpoint.key, !isVariable(name) {
            findings.error(
                "models.bad_key", "the key is not the name of an environment variable", at: place,
                hint: "a key is never written down: .env(\"NAME\") names the variable that holds it")
        }
        if endpoint.key != nil, let url = endpoint.url, url.hasPrefix("http:"), let host = ServerHost(url: url),
            !host.isLoopback
        {
            findings.warning(
                "models.key_in_clear", "the key goes to \(host.name) over http, where others can read it", at: place,
                hint: "use the server's https address, or a tunnel to it on this machine")
        }
        switch endpoint {
        case .local, .localWeights: break
        case .openAICompatible(let url, _), .adapterServer(_, let url, _, _):
            if let fault = AddressFault(url) {
                findings.error("models.bad_url", fault.message, at: place, hint: fault.hint)
            } else if AddressFault.path(of: url).isEmpty {
                findings.warning(
                    "models.bare_url", "the model's address has no path", at: place,
                    hint: "most servers take completions under /v1, as in http://127.0.0.1:8000/v1")
            }
        case .azureOpenAI(let url, let deployment, let apiVersion, _):
            if let fault = AddressFault(url) {
                findings.error("models.bad_url", fault.message, at: place, hint: fault.hint)
            } else if AddressFault.path(of: url).contains("/openai") {
                findings.error(
                    "models.bad_url", "the address goes on behind the resource", at: place,
                    hint: "the resource's own address is enough: https://NAME.openai.azure.com")
            }
            for (name, value) in [("deployment", deployment), ("apiVersion", apiVersion)] where !isPlain(value) {
                findings.error(
                    "models.bad_url", "\(name) \"\(value)\" can't stand in an address", at: place,
                    hint: "letters, digits, dots, dashes and underscores: apiVersion: \"2024-10-21\"")
            }
        }
    }

    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || isLetter($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}

/// What is wrong with the base of an API: what would be asked for is this base with `/chat/completions` behind it.
package struct AddressFault: Hashable, Sendable {
    package let message: String
    package let hint: String

    private static let operations = [
        "/chat/completions", "/completions", "/responses", "/embeddings", "/models", "/messages", "/chat",
    ]

    /// Nil for an address that can be the base of an API. Slashes at its end don't count.
    package init?(_ url: String) {
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            self.init("\(Self.withoutUser(url)) is not an http or https address", "it ends in /v1 mostly")
            return
        }
        guard !Self.authority(of: url).isEmpty, !url.contains(where: { $0.isWhitespace || !$0.isASCII }) else {
            self.init(
                "\(Self.withoutUser(url)) is no address", "a host and a path, as in https://api.example.com/v1")
            return
        }
        let base = Self.withoutSlashes(String(url.prefix { !"?#".contains($0) }))
        let path = Self.path(of: base)
        if url.contains("api-version=") || path.contains("/openai/deployments/") {
            self.init(
                "\(Self.shown(url)) is the address of Azure OpenAI, which has a form of its own",
                "at: .azureOpenAI(\"https://\(Self.authority(of: url))\", deployment: \"…\", apiVersion: \"2024-10-21\", "
                    + "key: .env(\"AZURE_KEY\"))")
            return
        }
        let mended = Self.mended(base)
        if url.contains("?") || url.contains("#") {
            self.init(
                "\(Self.shown(url)) has a \(url.contains("?") ? "query" : "fragment"), and completions are asked for behind it",
                "write \(mended)")
            return
        }
        if Self.operations.contains(where: path.hasSuffix) {
            self.init("\(Self.shown(url)) is the address of one operation, not the base of the API", "write \(mended)")
            return
        }
        if path.contains("//") {
            self.init("\(Self.shown(url)) has two slashes in a row in its path", "write \(mended)")
            return
        }
        if Self.fullAuthority(of: url).contains("@") {
            self.init(
                "\(Self.shown(url)) is given with a user or a password",
                "write \(mended); a key is never written down: key: .env(\"NAME\") names the variable that holds it")
            return
        }
        guard ServerHost(url: url) != nil else {
            self.init(
                "\(Self.shown(url)) has no plain host", "a host and a path, as in https://api.example.com/v1")
            return
        }
        return nil
    }

    private init(_ message: String, _ hint: String) {
        self.message = message
        self.hint = hint
    }

    /// Without slashes at its end: empty for a host alone.
    package static func path(of url: String) -> String {
        let rest = afterScheme(url)
        return withoutSlashes(String(rest.drop { $0 != "/" }))
    }

    private static func mended(_ base: String) -> String {
        var path = path(of: base)
        while let operation = operations.first(where: path.hasSuffix) {
            path = withoutSlashes(String(path.dropLast(operation.count)))
        }
        let parts = path.split(separator: "/")
        let scheme = base.hasPrefix("https") ? "https" : "http"
        return "\(scheme)://" + ([authority(of: base)] + parts.map(String.init)).joined(separator: "/")
    }

    /// Without a user, a password and a query, which may hold a key.
    private static func shown(_ url: String) -> String {
        let scheme = url.prefix { $0 != ":" }
        return "\(scheme)://\(authority(of: url))" + afterScheme(url).prefix { !"?#".contains($0) }.drop { $0 != "/" }
    }

    private static func authority(of url: String) -> String {
        String(fullAuthority(of: url).split(separator: "@").last ?? "")
    }

    private static func fullAuthority(of url: String) -> Substring { afterScheme(url).prefix { !"/?#".contains($0) } }

    /// What can't be read as an address may hold a password all the same.
    private static func withoutUser(_ text: String) -> String {
        text.lastIndex(of: "@").map { "…" + text[$0...] } ?? text
    }

    private static func afterScheme(_ url: String) -> Substring {
        url.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false).last ?? ""
    }

    private static func withoutSlashes(_ text: String) -> String {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }
}
