import FledgeCore
import FledgeEngine
import Foundation
import FledgeTestKit
import Testing

@testable import FledgeCLI

@Suite("Heads of the evidence that were kept elsewhere")
struct HeadCopiesTests {
    private static let a = String(repeating: "a", count: 64)
    private static let b = String(repeating: "b", count: 64)

    private static func notice(
        _ entries: Int, _ hash: String = a, of name: String = "lexical-category", in database: String = "here",
        transitions: Int = 8, day: Double = 1
    ) -> String {
        let head = AuditHead(entries: entries, hash: hash, transitions: transitions, historyHash: b)
        let notice = AuditNotice(
            database: database, useCase: name, head: head, time: Date(timeIntervalSince1970: day * 86_400))
        return String(decoding: notice.json, as: UTF8.self)
    }

    private static func copies(_ lines: [String], of database: String = "here") throws -> HeadCopies {
        try HeadCopies(Data(lines.joined(separator: "\n").utf8), from: "heads.jsonl", of: database)
    }

    private static func compared(_ lines: [String]) async throws -> AuditReport {
        var report = Fixtures.auditReport
        report.findings = []
        try await copies(lines).compare(&report, with: Fixtures.auditHashes)
        return report
    }

    @Test("heads that are in the chain hold, and the newest one's day is told")
    func holds() async throws {
        let report = try await Self.compared([Self.notice(3), Self.notice(12, day: 2), Self.notice(9, day: 1), ""])
        #expect(report.findings == [] && report.witnessedAt == Date(timeIntervalSince1970: 2 * 86_400))
        #expect(AuditText.render(report).contains("kept elsewhere: heads up to 1970-01-03"))
        #expect(AuditText.exitStatus(of: [report]) == .success)
    }

    @Test("a use case of which no head was kept is unknown: nothing was compared")
    func none() async throws {
        let report = try await Self.compared([Self.notice(3, of: "another"), Self.notice(99, in: "there")])
        #expect(report.findings == [] && report.witnessedAt == nil)
        #expect(report.unknowns.map(\.code) == ["audit.not_anchored"])
        #expect(report.unknowns.first?.sentence.hasPrefix("no head of it was kept elsewhere") == true)
        #expect(report.verdict == .unknown && AuditText.exitStatus(of: [report]) == .inconclusive)
        #expect(AuditText.render(report).contains("no head of it was kept elsewhere"))
    }

    @Test("a copy of the daemon's own file counts as well")
    func ownFile() async throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        let line = AuditAnchor.Line(
            at: Date(timeIntervalSince1970: 86_400), useCase: "lexical-category",
            head: AuditHead(entries: 13, hash: Self.a, transitions: 8, historyHash: Self.b), added: ["13 gate 4"],
            place: AuditGrowth.Place())
        let report = try await Self.compared([String(decoding: try encoder.encode(line), as: UTF8.self)])
        #expect(report.findings.map(\.row) == ["entry 13"])
    }

    @Test("an end that was cut off, and one that was made anew, are named with the day on which they stood otherwise")
    func cut() async throws {
        let cut = try await Self.compared([Self.notice(14, transitions: 9)])
        #expect(
            cut.findings.map(\.sentence) == [
                "entries 13 to 14 of the chain are missing; it stood elsewhere on 1970-01-02T00:00:00Z",
                "transitions 9 to 9 are missing; it stood elsewhere on 1970-01-02T00:00:00Z",
            ])
        #expect(cut.findings.allSatisfy { $0.code == "audit.history_cut" })
        #expect(AuditText.exitStatus(of: [cut]) == .badData)
        // Also where a later head agrees with what was made anew.
        let anew = try await Self.compared([Self.notice(10, Self.b), Self.notice(12, day: 2)])
        #expect(anew.findings.map(\.row) == ["entry 10"])
        #expect(anew.findings[0].sentence.hasPrefix("entry 10 of the chain is another one"))
    }

    @Test("a use case that is gone is missing by its name, with the furthest that was known of it")
    func missing() throws {
        let copies = try Self.copies([Self.notice(5, of: "gone"), Self.notice(2, of: "gone", day: 2), Self.notice(1)])
        #expect(copies.names == ["gone", "lexical-category"])
        let report = try #require(copies.missing("gone"))
        #expect(report.findings.map(\.code) == ["audit.use_case_missing"] && report.verdict == .changed)
        #expect(report.findings[0].sentence.contains("5 entries stood elsewhere on 1970-01-02"))
        #expect(copies.missing("nobody") == nil)
    }

    @Test("lines that are no heads are counted with their numbers, whatever they hold")
    func unreadable() throws {
        let copies = try Self.copies([
            Self.notice(1), "{\"useCase\":\"cut", "\u{1B}[2J", Self.notice(3, of: "../x"), "  ", Self.notice(2),
        ])
        #expect(copies.unreadable == [2, 3, 4] && copies.names == ["lexical-category"])
        #expect(copies.notices["lexical-category"]?.map(\.length) == [1, 2])
    }

    @Test("heads of another database are not compared; where there are no others, that is said")
    func databases() throws {
        let both = [Self.notice(99, in: "there"), Self.notice(3)]
        #expect(try Self.copies(both).notices["lexical-category"]?.map(\.length) == [3])
        #expect(try Self.copies(both, of: "there").notices["lexical-category"]?.map(\.length) == [99])
        let other = #expect(throws: FledgeError.self) { try Self.copies([Self.notice(3, in: "there")]) }
        #expect(other?.code == "audit.other_database" && other?.message.contains("there") == true)
        #expect(other?.exitCode == .badData && other?.hint?.contains("--database") == true)
        let none = #expect(throws: FledgeError.self) { try Self.copies(["", "x"]) }
        #expect(none?.code == "audit.no_heads")
    }
}
