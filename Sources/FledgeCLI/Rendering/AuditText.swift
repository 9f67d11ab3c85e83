import FledgeCore

/// `fledge audit verify`, and what `fledge explain` says of the evidence.
enum AuditText {
    static func render(_ report: AuditReport) -> String {
        var lines = ["\(report.useCase): \(summary(report))"]
        lines.append("  chain: \(report.head.sentence)")
        if let witnessed = report.witnessedAt {
            lines.append("  kept elsewhere: heads up to \(ValueText.date(witnessed)) were compared")
        }
        for (kind, counts) in Dictionary(grouping: report.counts, by: \.kind).sorted(by: { $0.key < $1.key }) {
            let states = counts.map { "\($0.rows) \($0.state.rawValue)" }.joined(separator: ", ")
            lines.append("  \(kind): \(states)")
        }
        if report.open > 0 {
            lines.append("  under way: \(report.open) samples, chained when their experiment is over")
        }
        lines += report.findings.map { "  CHANGED: \($0.sentence) [\($0.code.rawValue)]" }
        lines += report.unknowns.map { "  unknown: \($0.sentence) [\($0.code.rawValue)]" }
        return TerminalText.lines(lines)
    }

    /// The last lines of `fledge explain`.
    static func lines(_ report: AuditReport) -> [String] {
        switch report.verdict {
        case .holds: ["The evidence holds: every row is what was recorded."]
        case .unknown:
            ["The evidence is not known to be changed, and not everything is known."]
                + report.unknowns.map { "  unknown: \($0.sentence)" }
        case .changed:
            ["THE EVIDENCE WAS CHANGED (fledge audit verify \(report.useCase)):"]
                + report.findings.prefix(10).map { "  \($0.sentence)" }
                + (report.findings.count > 10 ? ["  … and \(report.findings.count - 10) more"] : [])
        }
    }

    private static func summary(_ report: AuditReport) -> String {
        switch report.verdict {
        case .holds: "holds (\(report.rows) rows)"
        case .unknown: "not known to be changed, and not everything is known (\(report.rows) rows)"
        case .changed: "CHANGED: \(report.findings.count) findings in \(report.rows) rows"
        }
    }

    /// 0 only when everything holds.
    static func exitStatus(of reports: [AuditReport]) -> ExitStatus {
        if reports.contains(where: { $0.verdict == .changed }) { return .badData }
        return reports.contains { $0.verdict == .unknown } ? .inconclusive : .success
    }
}
