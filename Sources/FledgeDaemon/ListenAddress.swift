/// `127.0.0.1:7420`, `example.org:7420` or `[::1]:7420`.
struct ListenAddress: Sendable {
    let host: String
    let port: Int

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" || $0 == "@" }) else { return nil }
        self.host = String(host)
        self.port = Int(port)
    }
}

/// Names and addresses with commas between them.
enum HostNameList {
    /// Nil where one is no name and no address.
    static func read(_ text: String) -> [String]? {
        let names = text.split(separator: ",").map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
        let isNames = names.allSatisfy { name in
            name.utf8.allSatisfy {
                (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || ".-:[]_".utf8.contains($0)
            }
        }
        return isNames ? names : nil
    }
}
