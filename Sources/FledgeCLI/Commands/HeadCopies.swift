import FledgeCore
import FledgeEngine
import Foundation

/// Heads of the evidence that somebody has kept elsewhere: JSON lines as the webhook sends them, or a copy of the daemon's own
/// file of heads.
struct HeadCopies {
    /// By use case, each head once, oldest first.
    private(set) var notices: [String: [AuditNotice]] = [:]
    /// Numbers of the lines that are none.
    private(set) var unreadable: [Int] = []

    /// - Parameter database: whose heads count; lines that name none always do.
    /// - Throws: `audit.no_heads`, `audit.other_database` (exit 65): then there is nothing to compare.
    init(_ data: Data, from place: String, of database: String) throws(FledgeError) {
        var seen: Set<AuditNotice> = []
        var others: Set<String> = []
        for (index, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            guard var notice = Self.notice(Data(line)), Self.isName(notice.useCase) else {
                unreadable.append(index + 1)
                continue
            }
            guard notice.database.isEmpty || notice.database == database else {
                others.insert(notice.database)
                continue
            }
            notice.database = database
            if seen.insert(notice).inserted { notices[notice.useCase, default: []].append(notice) }
        }
        guard notices.isEmpty else { return }
        if others.isEmpty {
            throw FledgeError(
                "audit.no_heads", "there are no heads of evidence in it", place: place,
                hint: "it has to have the lines that the webhook sent, or those of audit/heads.jsonl",
                exitCode: .badData)
        }
        throw FledgeError(
            "audit.other_database",
            "its heads are of \(others.sorted().joined(separator: ", ")), and this daemon's database is \(database)",
            place: place, hint: "name the one that it was with --database")
    }

    var names: [String] { notices.keys.sorted() }

    /// Compares what stands in the database with every head of it that was kept. Where none was, nothing is known.
    func compare(_ report: inout AuditReport, with hashes: AuditHashes) async {
        let kept = notices[report.useCase] ?? []
        if kept.isEmpty {
            report.unknowns.append(
                AuditFinding(
                    code: "audit.not_anchored", row: "chain",
                    sentence: "no head of it was kept elsewhere: whether its end was cut off, or all of it made anew, "
                        + "nobody can say"))
        }
        for notice in kept {
            let found = await hashes.findings(
                against: notice.stood, words: "it stood elsewhere on \(ValueText.date(notice.time))")
            // One word on one place: an end that was cut off is behind every later head.
            report.findings += found.filter { finding in !report.findings.contains { $0.row == finding.row } }
            report.witnessedAt = max(report.witnessedAt ?? notice.time, notice.time)
        }
    }

    /// What is said of a use case that stands here and is not there.
    func missing(_ name: String) -> AuditReport? {
        guard let last = notices[name]?.max(by: { $0.stood.isBehind($1.stood) }) else { return nil }
        let finding = AuditFinding(
            code: "audit.use_case_missing", row: "use case \(name)",
            sentence: "the whole use case is missing: \(last.length) entries stood elsewhere on "
                + ValueText.date(last.time))
        var report = AuditReport(
            useCase: name, head: .empty, counts: [], findings: [finding], unknowns: [], open: 0, anchoredAt: nil)
        report.witnessedAt = last.time
        return report
    }

    private static func notice(_ line: Data) -> AuditNotice? {
        if let notice = try? JSONProfile.exported.value(AuditNotice.self, from: line) { return notice }
        return (try? JSONProfile.exported.value(AuditAnchor.Line.self, from: line)).map {
            AuditNotice(database: "", useCase: $0.useCase, head: $0.head, time: $0.at)
        }
    }

    private static func isName(_ text: String) -> Bool { text.wholeMatch(of: /[a-z][a-z0-9-]{0,62}/) != nil }
}
