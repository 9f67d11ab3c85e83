import FledgeTestKit
import Foundation
import Testing

/// What the docs say of each fault is what the conformance suite holds Fledge to.
@Suite("The docs' table of faults") struct FaultTableTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/faults.md").standardizedFileURL
    private static let begin = "<!-- modes: begin -->\n"
    private static let end = "\n<!-- modes: end -->"

    @Test("docs/faults.md has the modes of the fault server; FLEDGE_RECORD=1 writes them anew")
    func table() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let start = try #require(text.range(of: Self.begin)?.upperBound)
        let end = try #require(text.range(of: Self.end)?.lowerBound)
        if ProcessInfo.processInfo.environment["FLEDGE_RECORD"] == "1" {
            let new = text.replacingCharacters(in: start..<end, with: FaultMode.table)
            return try new.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        let isCurrent = text[start..<end] == FaultMode.table
        #expect(isCurrent, "docs/faults.md is not what FledgeBench fault-server --list prints")
    }

    @Test("every mode has a name of its own, fit for a path")
    func names() {
        let names = FaultMode.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z0-9-]+/) != nil })
        #expect(FaultScenario.helpers.union(FaultScenario.restarted).isSubset(of: names))
    }
}
