import FledgeCore

/// `fledge release list` and `show`.
enum ReleaseText {
    static func table(_ releases: [Release]) -> String {
        guard !releases.isEmpty else { return "no release yet" }
        return TextTable(
            [
                "#Release", "Champion", "Made", "Candidate", "Model", "Adapter", "#Holdout", "Approved by",
                "Made champion by", "Because",
            ],
            rows: releases.map {
                [
                    String($0.number), $0.isChampion ? "yes" : "", ValueText.date($0.createdAt),
                    $0.bundle.candidate.name,
                    $0.bundle.candidate.model, $0.bundle.candidate.adapter?.short ?? ValueText.missing,
                    ValueText.score($0.bundle.gate.holdoutScore), $0.bundle.approvedBy,
                    $0.moves?.last.map { "\($0.actor), \(ValueText.date($0.at))" } ?? ValueText.missing,
                    $0.moves?.last?.reason ?? ValueText.missing,
                ]
            }
        ).render()
    }

    static func line(_ release: Release) -> String {
        let adapter = release.bundle.candidate.adapter.map { " with adapter \($0.short)" } ?? ""
        return InertText.line(
            "Release \(release.number)\(release.isChampion ? " (champion)" : ""): \(release.bundle.candidate.name) on "
                + "\(release.bundle.candidate.model)\(adapter), approved by \(release.bundle.approvedBy), "
                + ValueText.date(release.createdAt))
    }

    /// Who made it the champion again later, and why: one line a move. Its own making is said by `line`.
    static func moves(_ release: Release) -> [String] {
        (release.moves ?? []).filter { $0.at != release.createdAt }.map { move in
            let verb = move.isRollback ? "went back to it" : "made it the champion"
            return "  \(move.actor) \(verb) from release \(move.from.map(String.init) ?? "none"), "
                + "\(ValueText.date(move.at)): \(move.reason)"
        }
    }

    static func details(_ release: Release) -> String {
        let bundle = release.bundle
        var lines = [
            line(release), "cycle                \(release.cycle)", "model revision       \(bundle.modelRevision)",
            "definition           revision \(bundle.definitionRevision), \(bundle.definitionSHA256)",
            "data                 \(bundle.dataSHA256)", "candidate            \(bundle.candidate.id)",
        ]
        if let adapter = bundle.candidate.adapter { lines.append("adapter              \(adapter)") }
        func words(_ prompt: String) -> String { TerminalText.hanging(prompt, indent: 21) }
        var prompts = bundle.candidate.system.map { ["system               \(words($0))"] } ?? []
        prompts.append("user                 \(words(bundle.candidate.user))")
        let head = TerminalText.lines(lines)
        lines = ["demonstrations       \(bundle.candidate.demonstrations.count)"] + moves(release)
        lines += ExplanationText.gate(bundle.gate)
        if let decision = bundle.decision { lines += ExplanationText.decision(decision) }
        return ([head] + prompts + [TerminalText.lines(lines)]).joined(separator: "\n")
    }
}
