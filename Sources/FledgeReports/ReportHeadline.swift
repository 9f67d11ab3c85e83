import FledgeCore
import FledgeDocument

/// The one sentence that says how a use case stands, and on which evidence.
enum ReportHeadline {
    static func text(_ report: UseCaseReport) -> String {
        let state = report.status.state
        if state.stage == .retired {
            let last = report.releases.first(where: \.isChampion).map { " Release \($0.number) served until then." }
            return "Retired." + (last ?? "")
        }
        if let champion = report.releases.first(where: \.isChampion) {
            let adapter = champion.bundle.candidate.adapter != nil
            let what = adapter ? "with LoRA adapter" : "with prompt \(champion.bundle.candidate.name)"
            let own =
                primary(champion.bundle.gate).map { " — holdout \($0.criterion.metric.title) \(measured($0))" } ?? ""
            let rivals = championGates(report).filter {
                $0.candidate != champion.bundle.gate.candidate && $0.verdict != .error
            }
            let best = rivals.compactMap(primary).max { ($0.value ?? 0) < ($1.value ?? 0) }
            let against = adapter ? best.map { " against \(measured($0)) for the best prompt" } ?? "" : ""
            return "Promoted: release \(champion.number) \(what)\(own)\(against)."
                + trial(report, champion)
        }
        let evidence =
            primary(report.gates.last).map {
                " Last on the holdout: \($0.criterion.metric.title) \(measured($0)), \(ReportText.bound($0.criterion)) asked."
            } ?? ""
        if let block = state.block { return "Not promoted: blocked, \(block.message)." + evidence }
        if state.activity == .awaitingApproval { return "Passed its gate and waits for approval." + evidence }
        return "Not promoted yet: \(state.activity.rawValue) in \(state.stage.rawValue)." + evidence
    }

    /// The gates of the cycle that the champion came from: those of another cycle say nothing about it.
    static func championGates(_ report: UseCaseReport) -> [GateResult] {
        let champion = report.releases.first(where: \.isChampion)
        return champion?.cycle == report.status.cycle ? report.gates : report.championGates ?? []
    }

    /// What is being tried beside what serves.
    private static func trial(_ report: UseCaseReport, _ champion: Release) -> String {
        let status = report.status
        if champion.cycle == status.cycle { return status.state.block.map { " Now blocked: \($0.message)." } ?? "" }
        let tried = "revision \(status.revision) in cycle \(status.cycle)"
        if let block = status.state.block { return " Being tried: \(tried), blocked: \(block.message)." }
        if status.state.activity == .live {
            return champion.moves?.last.map { " \($0.actor) went back to it: \($0.reason)." } ?? ""
        }
        return " Being tried: \(tried), \(status.state.activity.rawValue)."
    }

    /// The criterion that stands for quality: the first that is no cost, latency, length or consistency.
    static func primary(_ gate: GateResult?) -> CriterionResult? {
        gate?.criteria.first { $0.criterion.metric.metric.standsForQuality }
    }

    private static func measured(_ result: CriterionResult) -> String {
        "\(ReportText.value(result.value, of: result.criterion.metric)) \(ReportText.interval(result))"
    }
}
