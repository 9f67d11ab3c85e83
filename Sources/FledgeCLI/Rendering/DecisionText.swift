import FledgeCore
import FledgeEngine

/// `fledge explain`'s account of one decision, and of all of them computed again.
enum DecisionText {
    static func render(_ decision: Decision) -> [String] {
        let number = decision.number.map { " \($0)" } ?? ""
        var lines = ["Decision\(number): \(decision.kind.rawValue). \(decision.summary)"]
        lines += decision.rules.map { "  \($0.holds ? "yes" : "no "): \($0.statement)" }
        lines += decision.missing.map { "  needed: \($0)" }
        for flip in decision.flipPoints ?? [] { lines.append("  it would be \(flip.statement)") }
        lines += missingInputs(decision)
        return lines
    }

    /// The whole record, with the rules' names.
    static func details(_ decision: Decision) -> String {
        let number = decision.number.map { " \($0)" } ?? ""
        let evidence = decision.evidence
        var lines = [
            "Decision\(number): \(decision.kind.rawValue)",
            decision.summary,
            "After look \(evidence.gate.look) of \(evidence.gate.looksAllowed): \(evidence.gate.candidateName) "
                + evidence.gate.verdict.rawValue,
            "", "Rules (version \(decision.rulesVersion ?? 1))",
        ]
        lines += indented(
            TextTable(
                ["Rule", "Holds", "Why"],
                rows: decision.rules.map { [$0.name, $0.holds ? "yes" : "no", $0.statement] }
            ).render())
        if !decision.missing.isEmpty { lines += ["", "Needed"] + decision.missing.map { "  \($0)" } }
        if let flips = decision.flipPoints, !flips.isEmpty {
            lines += ["", "The answer would be"] + flips.map { "  \($0.statement)" }
        }
        if let missing = decision.missingInputs, !missing.isEmpty {
            lines += ["", "Not known, and supplied by"]
            lines += indented(
                TextTable(["Input", "Supplied by"], rows: missing.map { [$0.name, $0.supply] }).render())
        }
        return TerminalText.lines(lines)
    }

    private static func missingInputs(_ decision: Decision) -> [String] {
        guard let missing = decision.missingInputs, !missing.isEmpty, let number = decision.number else { return [] }
        return ["  not known: \(missing.map(\.name).joined(separator: ", ")) (see --decision \(number))"]
    }

    private static func indented(_ text: String) -> [String] { text.split(separator: "\n").map { "  \($0)" } }

    static func render(_ replay: Replay) -> String {
        guard !replay.records.isEmpty else {
            return InertText.line("\(replay.useCase) has no gate and no decision yet")
        }
        var lines: [String] = []
        for record in replay.records {
            let what =
                record.subject == .gate
                ? "gate, look \(record.look)" : "decision \(record.number.map(String.init) ?? "")"
            let outcome =
                switch record.outcome {
                case .same: "the same: \(record.recorded)"
                case .unknown: "unknown: erased; \(record.recorded) recorded"
                case .different: "DIFFERENT: \(record.recorded) recorded, \(record.computed) computed"
                }
            let note = record.outcome == .unknown ? nil : record.note
            lines.append("cycle \(record.cycle), \(what): \(outcome)" + (note.map { " (\($0))" } ?? ""))
            guard record.outcome == .different else { continue }
            for difference in record.differences.prefix(maximumDifferences) {
                lines.append(
                    "  \(difference.path): \(difference.recorded ?? "nothing") recorded, "
                        + "\(difference.computed ?? "nothing") computed")
            }
            if record.differences.count > maximumDifferences {
                lines.append("  and \(record.differences.count - maximumDifferences) more; --output json has them all")
            }
        }
        for erased in replay.erased ?? [] {
            lines.append("cycle \(erased.cycle) rests on what was erased:")
            lines += erased.rows.prefix(maximumDifferences).map { "  \($0.row)" }
            if erased.rows.count > maximumDifferences {
                lines.append("  and \(erased.rows.count - maximumDifferences) more; --output json has them all")
            }
        }
        return TerminalText.lines(lines)
    }

    private static let maximumDifferences = 12
}
