import FledgeCore
import Foundation
import ManagedProcess

/// A run of one of the trainer's programs that ended without making what it should: what it wrote last, and whether the
/// same may succeed at another time.
struct FailedRun {
    let exit: ProcessExit
    /// The end of what it wrote.
    private let output: String

    /// - Parameters:
    ///   - exit: as it was told, by a sandbox or by the program itself.
    ///   - log: what it has written its output to, from `offset` on.
    /// - Throws: where there is a log that can't be read: it may say that the failure passes.
    init(_ exit: ProcessExit, log: URL, from offset: UInt64 = 0) throws(ProcessError) {
        self.exit = Sandbox.exit(exit)
        output = try Self.text(of: log, from: offset)
    }

    /// What it said last, in a line; nil where it said nothing.
    var lastWords: String? {
        lines.last.map { line in
            let text = InertText.line(String(line).trimmingCharacters(in: .whitespaces))
            return text.count > 300 ? text.prefix(300) + "…" : text
        }
    }

    /// Why it has ended, as far as anybody knows, in a line.
    var reason: String {
        if case .signalled = exit { "\(exit)" } else { lastWords ?? "\(exit)" }
    }

    /// Whether the cause may pass: the program was killed, memory or disk space ran out, or the sandbox could not be
    /// made. A program that crashes by itself does so again.
    var mayPass: Bool {
        switch exit {
        case .signalled(let signal): Self.fromOutside.contains(signal)
        case .exited(LocalExecutor.tryAgain): true
        case .exited:
            lines.first.map { Sandbox.obstacle(in: String($0)) != nil } ?? false
                || lines.suffix(3).contains { line in Self.shortages.contains { line.contains($0) } }
        }
    }

    private static let fromOutside: Set<Int32> = [SIGHUP, SIGINT, SIGKILL, SIGTERM]
    private static let shortages = [
        "MemoryError", "OutOfMemoryError", "Cannot allocate memory", "can't allocate memory", "No space left on device",
        "Disk quota exceeded", "Input/output error",
    ]

    private var lines: [Substring] {
        output.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
    }

    private static func text(of log: URL, from offset: UInt64) throws(ProcessError) -> String {
        guard let file = try opened(log) else { return "" }
        let limit = 64 << 10
        let own = Int64(clamping: offset)
        let begin = max(own > file.size ? 0 : own, file.size - Int64(clamping: limit))
        var data = Data()
        try file.pieces(from: begin) { piece in
            data.append(contentsOf: piece.prefix(limit - data.count))
            return data.count < limit
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// How much is in a log by now; nothing where there is none.
    static func size(of log: URL) throws(ProcessError) -> UInt64 { UInt64(clamping: try opened(log)?.size ?? 0) }

    /// Nil where there is none, and for what is no plain file: that says nothing.
    private static func opened(_ log: URL) throws(ProcessError) -> ForeignFile? {
        do throws(ProcessError) { return try ForeignFile(log.path) } catch {
            if error.code == .notPlain { return nil }
            throw error
        }
    }
}
