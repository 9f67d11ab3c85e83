import FledgeCore

/// `fledge data report`.
struct DataReportText {
    /// How many findings of a kind are listed.
    let limit: Int

    func render(_ report: DataReport) -> String {
        var parts = [InertText.line("\(report.name): \(counted(report.rows, "row"))")]
        parts.append(splits(report))
        parts.append(labels(report))
        parts.append(
            list("Rows that can't be read", report.problems.count, report.problems.prefix(limit).map { $0 }))
        parts.append(
            list(
                "Leaks: \(report.leaks.total == 0 ? "none" : report.leaks.summary)", report.leaks.total,
                report.leaks.findings.prefix(limit).map(\.sentence), isTitled: true))
        if !report.leaks.isComplete {
            parts.append("So many rows are nearly the same that not all of them were compared.")
        }
        if !report.settled.isEmpty {
            parts.append(
                list(
                    "Settled: \(ResolvedLeak.summary(of: report.settled))", report.settled.count,
                    report.settled.prefix(limit).map(settled), isTitled: true))
        }
        parts.append(
            list(
                "Same input, different answer", report.conflicts.count,
                report.conflicts.prefix(limit).map { "rows \(rows($0.rows)): \($0.labels.joined(separator: " | "))" }))
        parts.append(
            list(
                "Repeated within a split", report.repetitions.count,
                report.repetitions.prefix(limit).map {
                    "rows \(rows($0.rows))\($0.split.map { " (\($0.rawValue))" } ?? ""): \($0.kind.rawValue)"
                }))
        let personal = report.personalData
        parts.append(
            list(
                "Personal data: \(personal.findings.isEmpty ? "none found by its form" : personal.summary)",
                personal.findings.count,
                personal.findings.prefix(limit).map { "row \($0.row), \($0.field): \($0.kind.title) \($0.masked)" },
                isTitled: true))
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func splits(_ report: DataReport) -> String {
        TextTable(
            ["split", "#rows", "#groups", "#labels", "input characters", "answer characters"],
            rows: report.splits.map {
                [
                    $0.split?.rawValue ?? "not split", "\($0.rows)", "\($0.groups)", "\($0.distinctLabels)",
                    lengths($0.inputLengths), lengths($0.answerLengths),
                ]
            }
        ).render()
    }

    private func lengths(_ lengths: DataReport.Lengths) -> String {
        "\(lengths.least) to \(lengths.most), median \(lengths.median), p95 \(lengths.p95)"
    }

    /// A row a label, a column a split, in per cent of the split.
    private func labels(_ report: DataReport) -> String {
        var names: [String] = []
        for split in report.splits {
            for label in split.labels where !names.contains(label.label) { names.append(label.label) }
        }
        let shown = names.prefix(max(limit, 10))
        let rows = shown.map { name in
            [name]
                + report.splits.map { split in
                    guard let label = split.labels.first(where: { $0.label == name }) else { return "–" }
                    return "\((100 * Double(label.rows) / Double(split.rows)).formatted(decimals: 1))%"
                }
        }
        let table = TextTable(["label"] + report.splits.map { "#" + ($0.split?.rawValue ?? "all") }, rows: rows)
            .render()
        let more = report.distinctLabels - shown.count
        return table + (more > 0 ? "\nand \(counted(more, "label")) more" : "")
    }

    private func settled(_ leak: ResolvedLeak) -> String {
        let what = leak.to == nil ? "left out of \(leak.from.rawValue)" : "moved from \(leak.from.rawValue)"
        guard let cause = leak.cause else { return "row \(leak.row) \(what), with its group" }
        let why =
            switch cause.kind {
            case .exactDuplicate: "the inputs of row \(cause.otherRow ?? 0)"
            case .nearDuplicate: "nearly the inputs of row \(cause.otherRow ?? 0)"
            case .sameGroup: "the group of row \(cause.otherRow ?? 0)"
            case .prompt: "its text stands in the prompt \(cause.prompt ?? "")"
            }
        return "row \(leak.row) \(what): \(why)"
    }

    private func list(_ title: String, _ count: Int, _ lines: [String], isTitled: Bool = false) -> String {
        if count == 0 && !isTitled { return "" }
        let heading = isTitled ? title : "\(title): \(count)"
        let more = count - lines.count
        return TerminalText.lines(
            [heading] + lines.map { "  " + $0 } + (more > 0 ? ["  and \(more) more (--all)"] : []))
    }

    private func rows(_ rows: [Int]) -> String {
        rows.prefix(8).map { "\($0)" }.joined(separator: ", ") + (rows.count > 8 ? ", … (\(rows.count))" : "")
    }

    private func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
}
