import FledgeCore
import FledgeDocument
import FledgeEngine

/// `fledge label`: answers to be labelled, and how far judges agree with the labels.
enum LabelText {
    static func entry(_ item: JudgedItem, of judge: JudgeDefinition, number: Int, total: Int) -> String {
        var lines = ["", "\(number) of \(total)"]
        for (field, value) in item.inputs.sorted(by: { $0.key < $1.key }) {
            lines += ["\(InertText.line(field)):", indented(value)]
        }
        lines += ["answer:", indented(item.answer)]
        if judge.reference == .expected {
            lines += ["expected (pass when the answer is as good):", indented(item.expected)]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func taken(_ count: Int, _ status: JudgeStatus) -> String {
        "\(count) label\(count == 1 ? "" : "s") taken.\n" + self.status([status], useCase: status.calibration.useCase)
    }

    static func status(_ judges: [JudgeStatus], useCase: String) -> String {
        judges.isEmpty
            ? InertText.line("\(useCase) has no judged criterion.") : judges.map(status).joined(separator: "\n\n")
    }

    private static func status(_ status: JudgeStatus) -> String {
        let calibration = status.calibration
        let matrix = calibration.matrix
        var lines = [
            "\(calibration.judge.name), judged by \(calibration.judge.model): \(status.labels) of "
                + "\(calibration.judge.labelsNeeded) labels"
        ]
        if let unread = status.unread { lines.append(unread) }
        if status.unjudged > 0 {
            lines.append("\(status.unjudged) labelled answers wait for this judge's verdict: the next gate asks it")
        }
        if matrix.count > 0 {
            lines += TextTable(
                ["", "#people pass", "#people fail"],
                rows: [
                    ["judge passes", "\(matrix.truePasses)", "\(matrix.falsePasses)"],
                    ["judge fails", "\(matrix.falseFails)", "\(matrix.trueFails)"],
                ]
            ).render().split(separator: "\n").map(String.init)
            lines.append(
                "agreement \(ValueText.score(matrix.agreement)), Cohen's kappa \(ValueText.score(matrix.kappa))")
            lines.append(
                share("sensitivity", matrix.sensitivity, status.sensitivity, "passed by people", matrix.passes))
            lines.append(share("specificity", matrix.specificity, status.specificity, "failed by people", matrix.fails))
        }
        lines.append(
            status.advice.map { "It only advises. \($0)" } ?? "It may gate: shares are corrected by its errors.")
        return TerminalText.lines(lines)
    }

    private static func share(_ name: String, _ value: Double?, _ bounds: Bounds, _ what: String, _ count: Int)
        -> String
    {
        "\(name) \(ValueText.interval(value, bounds.lower, bounds.upper)), n = \(count) \(what)"
    }

    private static func indented(_ text: String) -> String { "  " + TerminalText.hanging(text, indent: 2) }
}
