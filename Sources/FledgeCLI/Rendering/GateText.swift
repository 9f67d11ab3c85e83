import FledgeCore
import FledgeDocument

/// Comparisons with the champion, slices, and the ledger of looks, for people.
enum GateText {
    static func comparison(_ result: ComparisonResult) -> String {
        var text = "\(result.verdict.rawValue): \(result.title)"
        if let value = result.value {
            text +=
                ", \(result.comparison.kind == .cheaper ? "saving" : "difference") "
                + ValueText.interval(value, result.lower, result.upper) + ", n = \(result.count)"
            if let wins = result.wins, let losses = result.losses { text += ", \(wins) won and \(losses) lost" }
            if let pValue = result.adjustedPValue {
                text += ", p = \(pValue.formatted(decimals: 4)) (\(result.method))"
            }
        }
        if let needed = result.countNeeded { text += "; about \(needed) examples would settle it" }
        if let detail = result.detail { text += "; \(detail)" }
        return text
    }

    /// Vetoes one by one; what holds and what is too small to say, in a line each.
    static func slices(_ results: [SliceResult]) -> [String] {
        guard !results.isEmpty else { return [] }
        var lines = results.filter { $0.finding == .vetoed }.map { result in
            let asked =
                result.bar.map { "asked for at least \(ValueText.score($0))" }
                ?? "the champion has \(ValueText.score(result.championScore))"
            return "vetoed: \(result.title) \(ValueText.interval(result.score, result.lower, result.upper)), \(asked), "
                + "n = \(result.count)"
        }
        let holding = Set(results.filter { $0.finding == .holds }.map { "\($0.field) = \($0.value)" })
            .subtracting(results.filter { $0.finding == .vetoed }.map { "\($0.field) = \($0.value)" })
        if !holding.isEmpty { lines.append("slices that hold: \(holding.sorted().joined(separator: ", "))") }
        let small = Set(
            results.filter { $0.finding == .tooSmall }.map { "\($0.field) = \($0.value) (n = \($0.count))" })
        if !small.isEmpty { lines.append("slices too small to say: \(small.sorted().joined(separator: ", "))") }
        return lines
    }

    private static func spent(by look: HoldoutLook) -> String {
        if look.isWithdrawn == true { return "0 (withdrawn)" }
        return look.share == 0 ? "0 (again)" : look.alpha.formatted(decimals: 4)
    }

    private static func verdict(of look: HoldoutLook) -> String {
        // Answers never came: that is an error of the gate, not a finding.
        look.verdict?.rawValue ?? (look.isWithdrawn == true ? Verdict.error.rawValue : "under way")
    }

    static func ledger(_ ledger: HoldoutLedger) -> String {
        let table = TextTable(
            ["#cycle", "#look", "purpose", "candidate", "#examples", "holdout", "#α", "verdict", "at"],
            rows: ledger.looks.map { look in
                [
                    "\(look.cycle)", "\(look.look)", look.purpose, look.candidateName, "\(look.examples)",
                    look.examplesSHA256.short, spent(by: look), verdict(of: look), ValueText.date(look.at),
                ]
            }
        ).render()
        var lines =
            ledger.looks.isEmpty
            ? ["Nothing has looked at the holdout of \(ledger.useCase) yet."]
            : table.split(separator: "\n").map(String.init)
        lines.append("")
        lines.append(
            "\(ledger.usable) of the holdout's \(ledger.examples) examples can be looked at again; "
                + "each may be looked at \(ledger.looksAllowed) times.")
        if ledger.isExhausted {
            lines.append(
                "Promotion waits for fresh labelled examples: add rows, then fledge apply."
            )
        }
        lines += (ledger.forecast?.sentences ?? []).map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
        return TerminalText.lines(lines)
    }
}
