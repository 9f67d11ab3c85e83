import Foundation
import Subprocess

/// Splits what a child writes into lines, within bounds: the child may write a line without an end, or more lines than
/// anybody reads.
struct OutputLines {
    /// The most bytes of a line, which is cut there. The lines that are expected are short announcements.
    static let longest = 64 << 10
    /// Lines that wait to be read; what comes after them is dropped. With lines as long as they may be that is 64 MiB.
    static let mostUnread = 1024

    private var line: [UInt8] = []
    private var hasBegun = false

    static func read(_ output: SubprocessOutputSequence, _ body: (String) -> Void) async throws {
        var lines = OutputLines()
        for try await piece in output { piece.withUnsafeBytes { lines.take($0, body) } }
        lines.end(body)
    }

    mutating func take(_ bytes: UnsafeRawBufferPointer, _ body: (String) -> Void) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            add(rest[..<end])
            hasBegun = true
            self.end(body)
            rest = rest[(end + 1)...]
        }
        add(rest)
    }

    private mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>) {
        hasBegun = hasBegun || !bytes.isEmpty
        line.append(contentsOf: bytes.prefix(Self.longest - line.count))
    }

    /// The line ends, or the output does.
    mutating func end(_ body: (String) -> Void) {
        guard hasBegun else { return }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        body(String(decoding: line, as: UTF8.self))
        line.removeAll(keepingCapacity: true)
        hasBegun = false
    }
}
