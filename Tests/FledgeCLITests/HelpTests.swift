import ArgumentParser
import FledgeCore
import Foundation
import Testing

@testable import FledgeCLI

@Suite("The command line's help")
struct HelpTests {
    /// Recorded anew with FLEDGE_RECORD=1.
    @Test("the root's help is what was recorded, and leads with examples")
    func root() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/help.txt")
        let help = FledgeCommand.helpMessage(columns: 80)
        if ProcessInfo.processInfo.environment["FLEDGE_RECORD"] == "1" { try Data(help.utf8).write(to: file) }
        let recorded = try String(contentsOf: file, encoding: .utf8)
        #expect(help == recorded)
        let examples = try #require(help.range(of: "EXAMPLES"))
        let usage = try #require(help.range(of: "USAGE"))
        #expect(examples.lowerBound < usage.lowerBound)
    }
}
