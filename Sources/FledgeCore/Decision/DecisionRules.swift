import FledgeDocument

/// Answers "prompt or fine-tune?" from the evidence alone: the same evidence gives the same decision.
package enum DecisionRules {
    /// Raised when the same evidence may give another answer than before, or other words for it, and when the same samples
    /// give other evidence.
    package static let version = 4

    package static func decide(_ evidence: DecisionEvidence) -> Decision {
        let curve = DecisionFacts.Curve(evidence)
        let facts = DecisionFacts(evidence, curve: curve)
        let (summary, missing) = answer(evidence, facts, curve)
        return Decision(
            kind: facts.kind(for: evidence.gate.verdict), summary: summary,
            rules: DecisionStatements(evidence, facts, curve).rules, missing: missing, evidence: evidence,
            missingInputs: MissingInputs.of(evidence), flipPoints: FlipPoints.of(evidence, facts: facts, curve: curve),
            promoted: facts.outcome == .promoteEarlier ? evidence.earlierPass?.candidate : nil, rulesVersion: version)
    }

    /// The answer in a sentence, and what would have to come before another one is possible.
    private static func answer(
        _ evidence: DecisionEvidence, _ facts: DecisionFacts, _ curve: DecisionFacts.Curve?
    ) -> (summary: String, missing: [String]) {
        let examples = evidence.trainingExamples
        switch facts.outcome {
        case .promote:
            return (
                "Every criterion is shown to be met on the holdout: \(evidence.gate.candidateName) can be promoted.", []
            )
        case .promoteEarlier:
            let earlier = evidence.earlierPass
            let why =
                facts.isMet ? "passes too, but a call of it is not cheaper" : "does not show that it meets the criteria"
            return (
                "\(evidence.gate.candidateName) \(why): \(earlier?.name ?? "the prompt"), which passed at look "
                    + "\(earlier?.look ?? 0), is promoted.", []
            )
        case .tuneToSave:
            return (
                "The prompt meets every criterion and stays at hand; at the forecast volume a tuned model is expected to "
                    + "cost less, training included.", []
            )
        case .notQuality:
            return (
                "What the candidate misses is not the quality of its answers, and neither prompts nor training would "
                    + "change it.",
                [
                    evidence.trainingsDone > 0
                        ? "a faster or cheaper model, or another bound in the definition's Validation block"
                        : "a faster or cheaper model, to prompt or to tune (Tuned in the FineTune block), or another bound in "
                            + "the definition's Validation block"
                ]
            )
        case .looksUsed:
            return (
                "The criteria are not shown to be met, and every look at this holdout that the definition allows is used.",
                ["fresh labelled examples for the holdout: add rows to the dataset and run fledge apply"]
            )
        case .keepPrototyping:
            return ("The criteria are not shown to be met, and prompts may still get better.", [])
        case .tunedFallsShort:
            return (
                "The tuned model does not show that it meets the criteria either.",
                ["more or better training examples, another base model, or another bound; then fledge apply"]
            )
        case .tuningNotAllowed:
            return (
                "Prompting is exhausted, and the definition does not allow fine-tuning.",
                ["a FineTune block in the definition"]
            )
        case .tooFewExamples:
            return (
                "\(Self.whyTune(facts)), and fine-tuning would be next, but it has too few examples to learn from.",
                [
                    "\(evidence.minimumTrainingExamples.saturatingDifference(examples)) more labelled examples in the dataset; then fledge apply"
                ]
            )
        case .curveNeedsMore:
            let needed = evidence.bar.flatMap { curve?.curve.examplesNeeded(for: $0) }
            let size = needed?.expected ?? needed?.optimistic ?? examples
            return (
                "\(Self.whyTune(facts)), and by the pilot runs \(examples) examples would not lift a tuned model to the bar.",
                ["about \(max(1, size - examples)) more labelled examples in the dataset; then fledge apply"]
            )
        case .curveFallsShort:
            return (
                "\(Self.whyTune(facts)), and by the pilot runs no number of examples would lift this model to the bar.",
                ["a larger or better suited base model, or another bound in the definition's Validation block"]
            )
        case .fineTune:
            let why = facts.exhaustion == nil ? "The last look is kept for the tuned model" : "Prompting is exhausted"
            return ("\(why) below the bar, and \(examples) clean examples are there to learn from.", [])
        case .tuneForCost:
            let tuned =
                evidence.otherTunedModel.map { "\($0), tuned," } ?? "a tuned model, which needs no demonstrations,"
            return (
                "The answers are good enough, but not their speed or cost: \(tuned) may meet both, and \(examples) clean "
                    + "examples are there to learn from.", []
            )
        }
    }

    private static func whyTune(_ facts: DecisionFacts) -> String {
        facts.isQualityUnmet ? "Prompting is exhausted" : "The answers are good enough, but not their speed or cost"
    }
}
