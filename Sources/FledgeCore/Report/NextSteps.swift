import FledgeDocument

/// What comes next for a use case, in sentences with the command where a person is asked for something.
package enum NextSteps {
    /// - Parameters:
    ///   - newestRevision: the latest applied definition, which may be newer than the one that the cycle is pinned to.
    ///   - gates: the current cycle's, oldest first.
    ///   - decisions: the current cycle's, oldest first.
    package static func sentences(
        for status: UseCaseStatus, newestRevision: Int, gates: [GateResult], decisions: [Decision]
    ) -> [String] {
        var sentences: [String] = []
        if let serving = goesOnServing(status) { sentences.append(serving) }
        if status.state.isPaused { sentences.append("It is paused: `fledge resume \(status.name)` goes on.") }
        if let block = status.state.block {
            sentences += unblocking(block, of: status, decisions: decisions)
        } else {
            sentences.append(ahead(of: status, decision: decisions.last))
        }
        sentences += evidenceGaps(in: gates.last)
        if newestRevision > status.revision {
            sentences.append(
                "Revision \(newestRevision) waits: it takes over when this cycle, which runs revision "
                    + "\(status.revision), stands in production or is blocked.")
        }
        return sentences
    }

    /// What serves while the cycle tries something else.
    private static func goesOnServing(_ status: UseCaseStatus) -> String? {
        guard let serving = status.serving, status.state.activity != .live else { return nil }
        return "Release \(serving.release) goes on serving production, whatever comes of cycle \(status.cycle)."
    }

    private static func unblocking(
        _ block: CycleState.Block, of status: UseCaseStatus, decisions: [Decision]
    ) -> [String] {
        let name = status.name
        switch block.code {
        case "needs-data":
            let missing = decisions.last?.missing ?? []
            return missing.map { "It lacks: \($0)" }
                + ["Supply what is missing and apply the definition again, or `fledge retry \(name)`."]
        case "stopped":
            return [
                "The decision was to stop: `fledge explain \(name)` says why. Change the definition and apply it again to "
                    + "start a new cycle."
            ]
        case "approval-refused":
            return ["Its approval was refused. Change the definition and apply it again to start a new cycle."]
        case CycleState.Block.capReached:
            return [
                "It has reached its cap, and goes on by itself when the next period begins: `fledge spend \(name)` says "
                    + "when. A higher `Spend`, applied, lets it go on at once."
            ]
        case CycleState.Block.cancelled:
            return ["Its work was cancelled: `fledge retry \(name)` starts the stage's work again."]
        default:
            return [
                "It is blocked (\(block.code)): `fledge explain \(name)` says why, `fledge retry \(name)` starts the "
                    + "stage's work again."
            ]
        }
    }

    private static func ahead(of status: UseCaseStatus, decision: Decision?) -> String {
        let state = status.state
        switch state.activity {
        case .experimenting where state.stage == .fineTune:
            return "Prompts are compared on the adapter; the holdout gate judges the best of them."
        case .experimenting:
            return
                "Prompt round \(state.round) goes on until a criterion is met, it has plateaued, or its budget is spent."
        case .judging:
            return "The holdout gate judges the chosen candidate (look \(state.looks))."
        case .deciding:
            return "The decision between promoting, fine-tuning and more prompting comes next."
        case .awaitingApproval:
            return
                "It awaits approval: `fledge approve \(status.name)`, or `fledge reject \(status.name)` with a reason."
        case .releasing:
            return "The release is being made."
        case .training:
            return "The adapter is being trained; prompts are compared on it, and the holdout gate judges the best."
        case .live:
            let release = status.release.map { "Release \($0)" } ?? "Its release"
            let next = "Applying an edit that asks for new evidence, changed data included, starts the next cycle."
            guard let serving = status.serving, serving.cycle != status.cycle else {
                return "\(release) serves production. \(next)"
            }
            return "\(release) serves production: \(serving.move.actor) went back to it (\(serving.move.reason)). "
                + "`fledge release rollback \(status.name) NUMBER` with a reason moves it again. \(next)"
        case .none where state.stage == .retired:
            return "It is retired: nothing more happens."
        case .none:
            return status.cycle == 0
                ? "Its first cycle is about to be opened." : "Its first prompt round is about to start."
        }
    }

    /// Criteria that the last gate could not settle, with the number of examples that would.
    private static func evidenceGaps(in gate: GateResult?) -> [String] {
        guard let gate, gate.verdict == .inconclusive else { return [] }
        return gate.criteria.compactMap { result -> String? in
            guard result.verdict == .inconclusive, let needed = result.countNeeded else { return nil }
            return "\(result.criterion.metric.title): \(result.count) holdout examples leave it open; about \(needed) "
                + "would settle it if the value stayed."
        }
    }
}
