import FledgeCore

/// `fledge release list` and `show`.
enum ReleaseText {
    static func table(_ releases: [Release]) -> String {
        guard !releases.isEmpty else { return "no release yet" }
        return TextTable(
            ["#Release", "Champion", "Made", "Candidate", "Model", "Adapter", "#Holdout", "Approved by"],
            rows: releases.map {
                [
                    String($0.number), $0.isChampion ? "yes" : "", ValueText.date($0.createdAt),
                    $0.bundle.candidate.name,
                    $0.bundle.candidate.model, $0.bundle.candidate.adapter?.short ?? ValueText.missing,
                    ValueText.score($0.bundle.gate.holdoutScore), $0.bundle.approvedBy,
                ]
            }
        ).render()
    }

    static func line(_ release: Release) -> String {
        let adapter = release.bundle.candidate.adapter.map { " with adapter \($0.short)" } ?? ""
        return
            "Release \(release.number)\(release.isChampion ? " (champion)" : ""): \(release.bundle.candidate.name) on "
            + "\(release.bundle.candidate.model)\(adapter), approved by \(release.bundle.approvedBy), "
            + ValueText.date(release.createdAt)
    }

    static func details(_ release: Release) -> String {
        let bundle = release.bundle
        var lines = [
            line(release), "model revision       \(bundle.modelRevision)",
            "definition           revision \(bundle.definitionRevision), \(bundle.definitionSHA256)",
            "data                 \(bundle.dataSHA256)", "candidate            \(bundle.candidate.id)",
        ]
        if let adapter = bundle.candidate.adapter { lines.append("adapter              \(adapter)") }
        if let system = bundle.candidate.system { lines.append("system               \(system)") }
        lines.append("user                 \(bundle.candidate.user)")
        lines.append("demonstrations       \(bundle.candidate.demonstrations.count)")
        lines += ExplanationText.gate(bundle.gate)
        if let decision = bundle.decision { lines += ExplanationText.decision(decision) }
        return lines.joined(separator: "\n")
    }
}
