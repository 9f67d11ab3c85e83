import Glibc

/// What a server writes into its data directory while it runs, or leaves behind when it was killed.
struct PostmasterFile: Sendable, Equatable {
    let pid: pid_t
    let socketDirectory: String

    init?(contentsOf path: String) {
        guard let text = Self.read(path) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count >= 5, let pid = pid_t(lines[0]) else { return nil }
        self.pid = pid
        socketDirectory = lines[4]
    }

    static func read(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
