import FledgeCore
import FledgeDocument
import FledgeEngine

/// `fledge explain`: why a use case stands where it stands, in the order in which it happened.
enum ExplanationText {
    static func render(_ explanation: Explanation) -> String {
        let status = explanation.status
        var lines = standing(status)
        if let block = status.state.block {
            lines.append(
                block.code == CycleState.Block.capReached
                    ? "It goes on by itself in the cap's next period (fledge spend \(status.name)) [\(block.code)]"
                    : "It goes on with: fledge retry \(status.name), once the cause is mended [\(block.code)]")
        }
        if explanation.isSourceVerified != true {
            lines.append("Revision \(status.revision): source \(RevisionSource.unverified)")
        }
        if let best = status.bestCandidate {
            lines.append("Best on the prototype split: \(best), \(ValueText.score(status.bestPrototypeScore))")
        }
        if status.state.block?.isGoldenCheck == true {
            lines.append("Golden check: a retry converts the adapter and compares again, without training")
        }
        if let settled = explanation.settledLeaks, !settled.isEmpty {
            lines.append("Data: \(ResolvedLeak.summary(of: settled)) (fledge data report \(status.name))")
        }
        lines += championsEvidence(explanation)
        lines += (explanation.missing ?? []).map { "No answer: \($0.sentence)" }
        lines += (explanation.judges ?? []).compactMap(\.sentence)
        for gate in explanation.gates { lines += [""] + self.gate(gate) }
        for decision in explanation.decisions { lines += [""] + self.decision(decision) }
        for sweep in explanation.sweeps ?? [] { lines += [""] + TrialText.sweep(sweep) }
        lines.append("")
        if explanation.releases.isEmpty {
            lines.append("No release yet.")
        } else {
            lines += explanation.releases.sorted { $0.number < $1.number }.flatMap {
                [ReleaseText.line($0)] + ReleaseText.moves($0)
            }
        }
        lines +=
            explanation.evidence.map(AuditText.lines)
            ?? [
                explanation.isHistoryIntact
                    ? "The history's hash chain holds." : "THE HISTORY'S HASH CHAIN IS BROKEN: somebody changed it."
            ]
        return TerminalText.lines(lines)
    }

    /// What serves, where that is not what the latest cycle made, and where that cycle stands.
    private static func standing(_ status: UseCaseStatus) -> [String] {
        let place = "revision \(status.revision), cycle \(status.cycle), since \(ValueText.date(status.since))"
        let state = "\(status.state.stage.rawValue): \(ValueText.state(status.state)) (\(place))"
        guard let serving = status.serving, serving.cycle != status.cycle else {
            return ["\(status.name) is in \(state)"]
        }
        let move = serving.move
        return [
            "\(status.name) is in production: release \(serving.release) serves (revision \(serving.revision), "
                + "cycle \(serving.cycle)), made champion by \(move.actor), \(ValueText.date(move.at)): \(move.reason)",
            status.state.activity == .live ? "Not in use: \(state)" : "Being tried: \(state)",
        ]
    }

    /// The gate that the champion passed, where the gates below are another cycle's.
    private static func championsEvidence(_ explanation: Explanation) -> [String] {
        guard let champion = explanation.releases.first(where: \.isChampion),
            champion.cycle != explanation.status.cycle, explanation.status.serving != nil
        else { return [] }
        return ["", "Release \(champion.number), from cycle \(champion.cycle):"] + gate(champion.bundle.gate)
            + (explanation.gates.isEmpty ? [] : ["", "Cycle \(explanation.status.cycle):"])
    }

    static func gate(_ gate: GateResult) -> [String] {
        var lines = [
            "Gate, look \(gate.spentLook) of \(gate.looksAllowed) at the holdout: \(gate.candidateName) \(gate.verdict.rawValue)"
        ]
        if let leftOut = gate.examplesLeftOut {
            lines.append("  \(leftOut) examples left out: their error budget is spent")
        }
        for criterion in gate.criteria { lines.append("  " + self.criterion(criterion)) }
        lines += (gate.comparisons ?? []).map { "  " + GateText.comparison($0) }
        lines += GateText.slices(gate.slices ?? []).map { "  " + $0 }
        if let prototype = gate.prototypeScore, let holdout = gate.holdoutScore {
            lines.append(
                "  optimism gap \(ValueText.score(prototype - holdout)): "
                    + "\(ValueText.score(prototype)) where it was chosen, \(ValueText.score(holdout)) on the holdout")
        }
        return lines
    }

    static func criterion(_ result: CriterionResult) -> String {
        let metric = result.criterion.metric
        let bound =
            switch result.criterion.bound {
            case .atLeast(let value): "at least \(metric.text(of: value))"
            case .atMost(let value): "at most \(metric.text(of: value))"
            }
        var value = metric.text(of: result.value)
        if result.lower != nil || result.upper != nil {
            let (lower, upper) = (result.lower ?? -.infinity, result.upper ?? .infinity)
            value += " [\(metric.text(of: lower)), \(metric.text(of: upper))]"
        }
        var text = "\(result.verdict.rawValue): \(metric.title) \(value), asked for \(bound), n = \(result.count)"
        if let needed = result.countNeeded { text += "; about \(needed) examples would settle it" }
        if let judged = result.judged { text += "; " + self.judged(judged) }
        if let detail = result.detail { text += "; \(detail)" }
        return text
    }

    static func decision(_ decision: Decision) -> [String] { DecisionText.render(decision) }

    /// The judge's own share, and what it is corrected by.
    private static func judged(_ evidence: JudgedEvidence) -> String {
        guard evidence.isCorrected, let matrix = evidence.matrix else {
            return "the judge's own share, uncorrected"
        }
        return "corrected from the judge's own \(ValueText.score(evidence.raw)) by its sensitivity "
            + "\(ValueText.score(matrix.sensitivity)) and specificity \(ValueText.score(matrix.specificity)) on "
            + "\(matrix.count) labels"
    }
}
