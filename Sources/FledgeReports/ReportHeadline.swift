import FledgeCore
import FledgeDocument

/// The one sentence that says how a use case stands, and on which evidence.
enum ReportHeadline {
    static func text(_ report: UseCaseReport) -> String {
        let state = report.status.state
        if let champion = report.releases.first(where: \.isChampion) {
            let adapter = champion.bundle.candidate.adapter != nil
            let what = adapter ? "with LoRA adapter" : "with prompt \(champion.bundle.candidate.name)"
            let own =
                primary(champion.bundle.gate).map { " — holdout \($0.criterion.metric.title) \(measured($0))" } ?? ""
            let rivals = report.gates.filter { $0.candidate != champion.bundle.gate.candidate && $0.verdict != .error }
            let best = rivals.compactMap(primary).max { ($0.value ?? 0) < ($1.value ?? 0) }
            let against = adapter ? best.map { " against \(measured($0)) for the best prompt" } ?? "" : ""
            return "Promoted: release \(champion.number) \(what)\(own)\(against)."
                + (state.block.map { " Now blocked: \($0.message)." } ?? "")
        }
        let evidence =
            primary(report.gates.last).map {
                " Last on the holdout: \($0.criterion.metric.title) \(measured($0)), \(ReportText.bound($0.criterion)) asked."
            } ?? ""
        if let block = state.block { return "Not promoted: blocked, \(block.message)." + evidence }
        if state.stage == .retired { return "Retired." }
        if state.activity == .awaitingApproval { return "Passed its gate and waits for approval." + evidence }
        return "Not promoted yet: \(state.activity.rawValue) in \(state.stage.rawValue)." + evidence
    }

    /// The criterion that stands for quality: the first that is no cost, latency, length or consistency.
    static func primary(_ gate: GateResult?) -> CriterionResult? {
        gate?.criteria.first { result in
            switch result.criterion.metric.kind {
            case .consistency, .robustness, .latency, .costPerThousandCalls, .tokensPerCall: false
            default: true
            }
        }
    }

    private static func measured(_ result: CriterionResult) -> String {
        "\(ReportText.value(result.value, of: result.criterion.metric)) \(ReportText.interval(result))"
    }
}
