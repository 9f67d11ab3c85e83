/// The host and the port that a request to an address goes to, read as libcurl reads them.
package struct ServerHost: Hashable, Sendable, CustomStringConvertible {
    /// In small letters; an IPv6 address without its brackets.
    package let name: String
    package let port: Int

    /// Where keys go unless a port is said.
    private static let usualPort = 443

    /// Nil for what is no plain http or https address of a host: one with a user, a password or signs that a host's name
    /// never has, which programs read in more than one way.
    package init?(url: String) {
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https", url.dropFirst(scheme.count).hasPrefix("://") else { return nil }
        self.init(url.dropFirst(scheme.count + 3).prefix { !"/?#".contains($0) }, port: scheme == "http" ? 80 : 443)
    }

    /// `api.example.com`, which means its port 443, `gpu-1:8000` or `[::1]:8000`.
    package init?(_ text: String) { self.init(Substring(text), port: Self.usualPort) }

    private init?(_ authority: Substring, port usual: Int) {
        var name = authority
        var port = usual
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            name = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard name.utf8.contains(0x3A), name.allSatisfy({ $0.isASCII && ($0.isHexDigit || $0 == ":" || $0 == ".") })
            else { return nil }
            if !rest.isEmpty {
                guard rest.hasPrefix(":"), let given = Self.port(rest.dropFirst()) else { return nil }
                port = given
            }
        } else {
            if let colon = authority.firstIndex(of: ":") {
                name = authority[..<colon]
                guard let given = Self.port(authority[authority.index(after: colon)...]) else { return nil }
                port = given
            }
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isPlain) else { return nil }
        }
        self.name = name.lowercased()
        self.port = port
    }

    private static func port(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(text), port > 0
        else { return nil }
        return Int(port)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || [0x2D, 0x2E, 0x5F].contains(byte)
    }

    /// Whether what is sent there stays on this machine.
    package var isLoopback: Bool {
        if name == "localhost" || name == "::1" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    package var description: String {
        let shown = name.contains(":") ? "[\(name)]" : name
        return port == Self.usualPort ? shown : "\(shown):\(port)"
    }
}
