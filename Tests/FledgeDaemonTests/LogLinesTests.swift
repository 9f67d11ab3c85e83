import Foundation
import Logging
import Synchronization
import Testing

@testable import FledgeDaemon

@Suite("The daemon's log")
struct LogLinesTests {
    private final class Log: Sendable { let lines = Mutex<[String]>([]) }

    @Test(
        "a record is one line, whatever a server, a name or a reason says in it",
        arguments: [
            "a\n2026-01-01T00:00:00Z info fledged: forged", "a\u{1B}[2J", "a\r\nb", "a\u{85}b\u{2028}c\u{202E}",
        ])
    func line(_ words: String) {
        let log = Log()
        let logger = Logger(label: "fledged") { label in
            StreamLogHandler(label: label, stream: LogLines { line in log.lines.withLock { $0.append(line) } })
        }
        logger.warning("\(words)", metadata: ["error": "\(words)", "list": ["\(words)"]])
        let lines = log.lines.withLock { $0 }
        #expect(lines.count == 1)
        #expect(lines.first?.last == "\n" && lines.first?.dropLast().contains { $0.isNewline } == false)
        #expect(lines.first?.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" } == false)
    }
}
