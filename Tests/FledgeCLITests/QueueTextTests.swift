import ArgumentParser
import FledgeCore
import FledgeEngine
import Foundation
import FledgeTestKit
import Testing

@testable import FledgeCLI

@Suite("The queue in words")
struct QueueTextTests {
    @Test("one line a piece of work, with what went wrong in printable characters")
    func table() {
        var paused = Fixtures.deadWork
        paused.state = .queued
        paused.runAt = nil
        paused.useCase = "triage"
        paused.errorCode = nil
        var hostile = Fixtures.deadWork
        hostile.errorMessage = "no\u{1B}[31m disk\nsecond line"
        let text = QueueText.table([hostile, paused], now: Fixtures.date + 65)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].contains("dead") && lines[1].contains("5/5") && lines[1].contains("1 min 05 s"))
        #expect(lines[1].hasSuffix("report.cannot_write: no\u{FFFD}[31m disk"))
        #expect(lines[2].contains("triage") && lines[2].hasSuffix("paused"))
        #expect(QueueText.table([], now: Fixtures.date) == "no open work")
    }

    @Test("a limit out of range is refused", arguments: ["0", "10001", "-1"])
    func limit(text: String) {
        #expect(throws: (any Error).self) { try ListWorkCommand.parse(["--limit=\(text)"]) }
    }

    @Test("states are named, and wrong ones refused")
    func states() throws {
        #expect(try ListWorkCommand.parse(["--state", "dead", "--state", "queued"]).state == [.dead, .queued])
        #expect(throws: (any Error).self) { try ListWorkCommand.parse(["--state", "gone"]) }
        #expect(throws: (any Error).self) { try RetryWorkCommand.parse(["many"]) }
    }
}
