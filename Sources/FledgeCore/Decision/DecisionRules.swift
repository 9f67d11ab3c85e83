import FledgeDocument

/// Answers "prompt or fine-tune?" from the evidence alone: the same evidence gives the same decision.
package enum DecisionRules {
    package static func decide(_ evidence: DecisionEvidence) -> Decision {
        let rules = Rules(evidence)
        let kind: DecisionKind
        let summary: String
        var missing: [String] = []
        if rules.criteriaMet.holds {
            kind = .promote
            summary =
                "Every criterion is shown to be met on the holdout: \(evidence.gate.candidateName) can be promoted."
        } else if !rules.qualityIsTheProblem.holds {
            kind = .stop
            summary =
                "What the candidate misses is not the quality of its answers, and neither prompts nor training would change it."
            missing.append("a faster or cheaper model, or another bound in the definition's Validation block")
        } else if !rules.looksLeft.holds {
            kind = evidence.gate.verdict == .inconclusive ? .needsData : .stop
            summary =
                "The criteria are not shown to be met, and every look at this holdout that the definition allows is used."
            missing.append("fresh labelled examples for the holdout: add rows to the dataset and run fledge apply")
        } else if !rules.promptingExhausted.holds {
            kind = .keepPrototyping
            summary = "The criteria are not shown to be met, and prompts are still getting better."
        } else if evidence.trainingsDone > 0 {
            kind = evidence.gate.verdict == .inconclusive ? .needsData : .stop
            summary = "The tuned model does not show that it meets the criteria either."
            missing.append("more or better training examples, another base model, or another bound; then fledge apply")
        } else if !rules.mayFineTune.holds {
            kind = .stop
            summary = "Prompting is exhausted, and the definition does not allow fine-tuning."
            missing.append("a FineTune block in the definition")
        } else if !rules.enoughExamples.holds {
            kind = .needsData
            summary = "Prompting is exhausted and fine-tuning would be next, but it has too few examples to learn from."
            let lacking = evidence.minimumTrainingExamples - evidence.trainingExamples
            missing.append("\(lacking) more labelled examples in the dataset; then fledge apply")
        } else {
            kind = .fineTune
            summary =
                "Prompting is exhausted below the bar, and \(evidence.trainingExamples) clean examples are there to learn from."
        }
        return Decision(kind: kind, summary: summary, rules: rules.all, missing: missing, evidence: evidence)
    }

    /// The named rules over the named numbers.
    private struct Rules {
        let criteriaMet: Decision.Rule
        let qualityIsTheProblem: Decision.Rule
        let promptingExhausted: Decision.Rule
        let mayFineTune: Decision.Rule
        let enoughExamples: Decision.Rule
        let looksLeft: Decision.Rule

        var all: [Decision.Rule] {
            [criteriaMet, qualityIsTheProblem, promptingExhausted, mayFineTune, enoughExamples, looksLeft]
        }

        init(_ evidence: DecisionEvidence) {
            let gate = evidence.gate
            let unmet = gate.criteria.filter { $0.verdict != .passed }
            criteriaMet = Decision.Rule(
                name: "criteria-met", holds: gate.verdict == .passed,
                statement: unmet.isEmpty
                    ? "all \(gate.criteria.count) criteria passed on the holdout"
                    : "\(unmet.count) of \(gate.criteria.count) criteria did not pass: "
                        + unmet.map { "\($0.criterion.metric.title) \($0.verdict.rawValue)" }.joined(separator: ", "))
            let quality = unmet.filter {
                $0.criterion.metric.isQuality || $0.criterion.metric == .validOutput
                    || $0.criterion.metric.isConsistency
            }
            qualityIsTheProblem = Decision.Rule(
                name: "quality-is-the-problem", holds: !quality.isEmpty,
                statement: quality.isEmpty
                    ? "every unmet criterion is about speed or cost, or none is unmet"
                    : "unmet on the answers' quality: " + quality.map(\.criterion.metric.title).joined(separator: ", "))
            promptingExhausted = Self.exhaustion(evidence)
            mayFineTune = Decision.Rule(
                name: "fine-tuning-allowed", holds: evidence.mayFineTune && evidence.trainingsDone == 0,
                statement: evidence.trainingsDone > 0
                    ? "this cycle has trained \(evidence.trainingsDone) time(s) already"
                    : evidence.mayFineTune
                        ? "the definition has a FineTune block" : "the definition has no FineTune block")
            enoughExamples = Decision.Rule(
                name: "enough-training-examples", holds: evidence.trainingExamples >= evidence.minimumTrainingExamples,
                statement:
                    "\(evidence.trainingExamples) clean training examples, \(evidence.minimumTrainingExamples) are the least"
            )
            looksLeft = Decision.Rule(
                name: "holdout-looks-left", holds: gate.look < gate.looksAllowed,
                statement: "look \(gate.look) of \(gate.looksAllowed) at this holdout")
        }

        private static func exhaustion(_ evidence: DecisionEvidence) -> Decision.Rule {
            let scores = evidence.roundScores.map { $0.formatted(decimals: 3) }.joined(separator: " → ")
            let plateau =
                evidence.plateauRounds.map {
                    RoundJudge.hasPlateaued(
                        bestOfRounds: evidence.roundScores, rounds: $0, minimumGain: evidence.plateauMinimumGain)
                } ?? false
            let reason =
                if evidence.trainingsDone > 0 { "the model was tuned since" } else if plateau {
                    "plateau: no gain above \(evidence.plateauMinimumGain.formatted(decimals: 3)) in the last \(evidence.plateauRounds ?? 0) rounds"
                } else if evidence.isBudgetSpent {
                    "the prototype budget is spent"
                } else if evidence.roundScores.count >= evidence.roundsMaximum {
                    "all \(evidence.roundsMaximum) rounds are used"
                } else { "rounds and budget are left, and no plateau yet" }
            let holds =
                evidence.trainingsDone > 0 || plateau || evidence.isBudgetSpent
                || evidence.roundScores.count >= evidence.roundsMaximum
            return Decision.Rule(
                name: "prompting-exhausted", holds: holds, statement: "\(reason) (best score by round: \(scores))")
        }
    }
}

extension MetricDefinition {
    fileprivate var isConsistency: Bool {
        if case .consistency = self { true } else { false }
    }
}

extension Double {
    /// A fixed number of decimals, the same on every machine.
    package func formatted(decimals: Int) -> String {
        guard isFinite else { return isNaN ? "n/a" : self > 0 ? "∞" : "−∞" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        guard abs(self * scale) < 9e15 else { return String(self) }
        let scaled = Int64((self * scale).rounded())
        let whole = String(scaled.magnitude / UInt64(scale))
        let sign = scaled < 0 ? "-" : ""
        guard decimals > 0 else { return sign + whole }
        let fraction = String(scaled.magnitude % UInt64(scale))
        return sign + whole + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
