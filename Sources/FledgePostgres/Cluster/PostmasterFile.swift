import Glibc

/// What a server writes into its data directory while it runs, or leaves behind when it was killed.
struct PostmasterFile: Sendable, Equatable {
    let pid: pid_t
    let socketDirectory: String
    let status: String

    init?(contentsOf path: String) {
        guard let text = Self.read(path) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count >= 5, let pid = pid_t(lines[0]) else { return nil }
        self.pid = pid
        socketDirectory = lines[4]
        status = lines.count >= 8 ? PostmasterFile.trimmed(lines[7]) : ""
    }

    private static func trimmed(_ text: String) -> String { String(text.prefix { $0 != " " }) }

    static func read(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// The processes that work in a data directory: the server and its children all change into it.
    static func processes(in data: String) -> [pid_t] {
        guard let stream = opendir("/proc"), let wanted = realpath(data, nil) else { return [] }
        defer {
            closedir(stream)
            free(wanted)
        }
        let directory = String(cString: wanted)
        var found: [pid_t] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let pid = pid_t(name) else { continue }
            var link = [UInt8](repeating: 0, count: 4096)
            let count = link.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map {
                    readlink("/proc/\(pid)/cwd", $0.assumingMemoryBound(to: CChar.self), bytes.count)
                } ?? 0
            }
            if count > 0, String(decoding: link[..<count], as: UTF8.self) == directory { found.append(pid) }
        }
        return found
    }
}
