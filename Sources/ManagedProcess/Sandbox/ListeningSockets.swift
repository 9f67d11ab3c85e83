import Foundation
import Glibc

/// The TCP addresses of this machine's network on which a process and all its descendants listen.
package struct ListeningSockets: Sendable {
    /// As `127.0.0.1:8080`, or `[…]:8080` for version 6.
    package private(set) var addresses: Set<String> = []
    /// False where one of the processes doesn't show what it has open.
    package private(set) var isWhole = true

    package init(of process: Int32) {
        var sockets: Set<String> = []
        let depth = Self.numbers(of: process).count
        for each in ProcessTree.all(from: process) {
            // The process that holds a sandbox may not show its descriptors, and does not belong to the program.
            let numbers = Self.numbers(of: each)
            let mayHide = each != process && (numbers.count <= depth || numbers.last == 1)
            // Threads can have descriptors of their own.
            for thread in Self.names("/proc/\(each)/task") ?? [] {
                let place = "/proc/\(each)/task/\(thread)"
                for descriptor in open(place, mayHide) {
                    guard let target = link("\(place)/fd/\(descriptor)", of: place, mayHide) else { continue }
                    if target.hasPrefix("socket:[") { sockets.insert(String(target.dropFirst(8).dropLast())) }
                }
            }
        }
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            // A machine without IPv6 has no table of it.
            let text: String
            do { text = try WholeFile.text(table) ?? "" } catch {
                isWhole = false
                continue
            }
            for line in text.split(separator: "\n") {
                let fields = line.split(separator: " ")
                // `TCP_LISTEN`.
                guard fields.count > 9, fields[3] == "0A", sockets.contains(String(fields[9])) else { continue }
                addresses.insert(Self.address(fields[1]))
            }
        }
    }

    private mutating func open(_ thread: String, _ mayHide: Bool) -> [String] {
        if let names = Self.names(thread + "/fd") { return names }
        note(errno, of: thread, mayHide)
        return []
    }

    private mutating func link(_ path: String, of thread: String, _ mayHide: Bool) -> String? {
        var characters = [CChar](repeating: 0, count: 256)
        let count = readlink(path, &characters, characters.count)
        if count >= 0 { return String(decoding: characters.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) }
        note(errno, of: thread, mayHide)
        return nil
    }

    private mutating func note(_ number: Int32, of thread: String, _ mayHide: Bool) {
        guard !mayHide, number == EACCES || number == EPERM else { return }
        // A process that has ended and not been waited for has nothing open.
        let text = (try? String(contentsOfFile: thread + "/stat", encoding: .utf8)) ?? ""
        let state = text.lastIndex(of: ")").flatMap { text[text.index(after: $0)...].first { $0 != " " } }
        if let state, !"ZX".contains(state) { isWhole = false }
    }

    /// Nil, with `errno`, where the folder can't be read.
    private static func names(_ folder: String) -> [String]? {
        guard let stream = opendir(folder) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// A process's numbers, from this process's namespace to its own.
    private static func numbers(of process: Int32) -> [Int32] {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("NSpid:") } ?? ""
        return line.split(whereSeparator: \.isWhitespace).dropFirst().compactMap { Int32($0) }
    }

    /// The kernel writes an address as the words of its memory, in the machine's byte order.
    static func address(_ text: Substring) -> String {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1], radix: 16) else { return String(text) }
        guard parts[0].count == 8, let number = UInt32(parts[0], radix: 16) else { return "[\(parts[0])]:\(port)" }
        return withUnsafeBytes(of: number) { $0.map { "\($0)" }.joined(separator: ".") } + ":\(port)"
    }
}
