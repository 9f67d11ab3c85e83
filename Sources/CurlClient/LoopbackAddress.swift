import Glibc

/// Whether an address leads to this machine itself.
///
/// A proxy on another machine takes such an address for its own: what is sent to a server here would end there.
enum LoopbackAddress {
    /// - Parameter address: as in a request, or as in `http_proxy`, where the scheme may be left out.
    static func isLoopback(_ address: String) -> Bool {
        var rest = Substring(address)
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        rest = rest.prefix { !"/?#".contains($0) }
        if let user = rest.lastIndex(of: "@") { rest = rest[rest.index(after: user)...] }
        if rest.hasPrefix("[") { return rest.dropFirst().prefix { $0 != "]" } == "::1" }
        let name = rest.prefix { $0 != ":" }.lowercased()
        if name == "localhost" || name.hasSuffix(".localhost") { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Whether a request to an address has to pass by the proxies that the environment names, as libcurl reads it.
    static func passesProxies(_ address: String) -> Bool {
        guard isLoopback(address) else { return false }
        let isSecure = address.prefix(6).lowercased() == "https:"
        let names = isSecure ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        for name in names + ["all_proxy", "ALL_PROXY"] {
            guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { continue }
            return !isLoopback(value)
        }
        return false
    }
}
