import FledgeCore

/// `fledge jobs golden`: how the served answers of an adapter compare with the trainer's.
enum GoldenText {
    static func render(_ check: GoldenCheck) -> String {
        var lines = [
            "adapter  \(check.agreeing) of \(check.prompts) served answers are the trainer's; at least \(check.least) are "
                + "asked for"
        ]
        if let prompts = check.basePrompts, let agreeing = check.baseAgreeing {
            lines.append("base     \(agreeing) of \(prompts): what serving costs without an adapter")
        } else {
            lines.append("base     not asked in the trainer; fledge retry asks it too")
        }
        lines.append("changed  \(check.differingFromBase) of \(check.prompts) served answers are not the base model's")
        if let text = check.text {
            let base = check.baseText.map { ", and \(share($0)) of the base's" } ?? ""
            lines.append("text     \(share(text)) of the words up to the first difference agree\(base)")
        }
        if let mixed = check.mixed {
            lines.append(
                "mixed    \(mixed.agreeing) of \(mixed.calls) base answers stay the same beside calls of the adapter")
        }
        if let likelihood = check.likelihood { lines += tokens(likelihood) }
        guard let differences = check.differences else {
            return (lines + ["", "The answers were not kept; fledge retry compares again."]).joined(separator: "\n")
        }
        for (place, difference) in differences.enumerated() {
            lines += ["", "\(place + 1). \(inLine(difference.prompt))"]
            lines.append("   trained  \(inLine(difference.trained))")
            lines.append("   served   \(inLine(difference.served))")
            if difference.baseAgrees == false { lines.append("   The base model's answers differ here too.") }
        }
        return lines.joined(separator: "\n")
    }

    private static func tokens(_ likelihood: GoldenLikelihood) -> [String] {
        guard let figures = likelihood.figures else {
            return ["tokens   not compared: \(likelihood.unknown ?? "no figures")"]
        }
        let text = LikelihoodFigures.text
        var lines = [
            "tokens   \(text(figures.difference)) apart in log-probability, on \(figures.tokens) tokens of the "
                + "trainer's answers; at most \(text(figures.bar)) is asked for",
            "         they get \(text(figures.trained)) from the trainer, \(text(figures.served)) from the server and "
                + "\(text(figures.base)) from the base",
            "         base: \(text(figures.baseDifference)) apart on \(figures.baseTokens) tokens of its own answers",
        ]
        if !figures.isTelling {
            lines.append(
                "         training has changed them by \(text(figures.change)): too little to tell adapter and base apart"
            )
        }
        if figures.tooLong > 0 {
            lines.append("         \(figures.tooLong) answers are too long, with their prompts, to be scored")
        }
        return lines
    }

    private static func share(_ text: TextAgreement) -> String {
        "\((text.share * 1000).rounded() / 10) % (\(text.agreeing) of \(text.words))"
    }

    private static func inLine(_ text: String) -> String { TerminalText.hanging(text, indent: 12) }
}
