import FledgeDocument

/// The named rules in words, each with the numbers that it rests on. A rule whose number is not known is left out: it is
/// among the missing inputs.
struct DecisionStatements {
    private let evidence: DecisionEvidence
    private let facts: DecisionFacts
    private let curve: DecisionFacts.Curve?

    init(_ evidence: DecisionEvidence, _ facts: DecisionFacts, _ curve: DecisionFacts.Curve?) {
        self.evidence = evidence
        self.facts = facts
        self.curve = curve
    }

    /// Always in this order.
    var rules: [Decision.Rule] {
        [
            criteriaMet, qualityIsTheProblem, plateau, promptingExhausted, headroom, fineTuningAllowed, enoughExamples,
            rowsFit,
            learningCurve, gap, consistency, latency, tunedModel, tuningPays, adapterPrompts, looksLeft,
        ].compactMap { $0 }
    }

    private func rule(_ name: String, _ holds: Bool, _ statement: String) -> Decision.Rule {
        Decision.Rule(name: name, holds: holds, statement: statement)
    }

    private var unmet: [CriterionResult] { evidence.gate.criteria.filter { $0.verdict != .passed } }

    private var criteriaMet: Decision.Rule {
        let count = evidence.gate.asked
        let beside = evidence.gate.unmetBeside.map { "\($0.title) \($0.verdict.rawValue)" }
        return rule(
            "criteria-met", facts.isMet,
            unmet.isEmpty && beside.isEmpty
                ? "all \(count) criteria passed on the holdout"
                : "\(unmet.count + beside.count) of \(count) criteria did not pass: "
                    + (unmet.map { "\($0.criterion.metric.title) \($0.verdict.rawValue)\(bounds($0))" } + beside)
                    .joined(separator: ", "))
    }

    private func bounds(_ result: CriterionResult) -> String {
        guard let lower = result.lower, let upper = result.upper else { return "" }
        let bar = result.criterion.bound.value.formatted(decimals: 3)
        return " (\(lower.formatted(decimals: 3)) to \(upper.formatted(decimals: 3)), bar \(bar))"
    }

    private var qualityIsTheProblem: Decision.Rule {
        let quality = evidence.gate.unmet.filter(\.isQuality)
        return rule(
            "quality-is-the-problem", facts.isQualityUnmet,
            quality.isEmpty
                ? "every unmet criterion is about speed or cost, or none is unmet"
                : "unmet on the answers' quality: " + quality.map(\.title).joined(separator: ", "))
    }

    private var plateau: Decision.Rule? {
        guard let gain = evidence.gain else { return nil }
        let worth = DecisionFacts.worthwhileGain(evidence).formatted(decimals: 3)
        let share = ((1 - gain.alpha) * 100).formatted(decimals: 0)
        return rule(
            "plateau", facts.isPlateau,
            "\(gain.latest) over \(gain.before): \(signed(gain.mean)) on \(gain.examples) shared examples, at most "
                + "\(signed(gain.upper)) with \(share)% confidence; \(worth) would be worth another round")
    }

    private var promptingExhausted: Decision.Rule {
        let scores = evidence.roundScores.map { $0.formatted(decimals: 3) }.joined(separator: " → ")
        let reason =
            switch facts.exhaustion {
            case .tuned: "the model was tuned since"
            case .plateau: "the last rounds' gain has reached a plateau"
            case .budget: "the prototype budget is spent"
            case .rounds: "all \(evidence.roundsMaximum) rounds are used"
            case .nothingNew: "the search has nothing new to try"
            case nil: "rounds and budget are left, and no plateau is shown"
            }
        return rule(
            "prompting-exhausted", facts.exhaustion != nil,
            scores.isEmpty ? reason : "\(reason) (best score by round: \(scores))")
    }

    private var headroom: Decision.Rule? {
        guard let headroom = evidence.headroom, let bar = evidence.bar else { return nil }
        return rule(
            "headroom", headroom.bestUpper >= bar,
            "\(headroom.best) scores \(headroom.bestScore.formatted(decimals: 3)) on the prototype split, at most "
                + "\(headroom.bestUpper.formatted(decimals: 3)), \(signed(headroom.bestScore - headroom.baselineScore)) "
                + "over \(headroom.baseline); the bar is \(bar.formatted(decimals: 3))")
    }

    private var fineTuningAllowed: Decision.Rule {
        rule(
            "fine-tuning-allowed", facts.mayTune,
            evidence.trainingsDone > 0
                ? "this cycle has trained \(evidence.trainingsDone) time(s) already"
                : evidence.mayFineTune ? "the definition has a FineTune block" : "the definition has no FineTune block")
    }

    private var enoughExamples: Decision.Rule {
        rule(
            "enough-training-examples", facts.hasEnoughExamples,
            "\(evidence.trainingExamples) clean training examples, \(evidence.minimumTrainingExamples) are the least")
    }

    private var rowsFit: Decision.Rule? {
        guard let rows = evidence.longRows else { return nil }
        let count = rows.count
        let share = (Double(count.long) / Double(count.rows) * 100).formatted(decimals: 1)
        return rule(
            "rows-fit", count.long == 0,
            count.long == 0
                ? "all \(count.rows) training rows have at most \(rows.limit) tokens"
                : "\(count.long) of \(count.rows) training rows (\(share)%) have more than \(rows.limit) tokens: they were "
                    + (rows.areTruncated ? "learnt without their beginning" : "left out"))
    }

    private var learningCurve: Decision.Rule? {
        guard let curve, let bar = evidence.bar, let reaches = facts.curveReachesBar else { return nil }
        let projected = curve.projection(at: evidence.trainingExamples)
        let needed = curve.curve.examplesNeeded(for: bar)
        let sizes = curve.curve.points.map { "\($0.examples)" }.joined(separator: ", ")
        return rule(
            "learning-curve", reaches,
            "pilots on \(sizes) examples project \(projected.score.formatted(decimals: 3)) "
                + "(\(projected.bounds.lower.formatted(decimals: 3)) to \(projected.bounds.upper.formatted(decimals: 3))) "
                + "on \(evidence.trainingExamples); the bar of \(bar.formatted(decimals: 3)) is reached with about "
                + (needed.expected.map(\.grouped) ?? "no number of") + " examples")
    }

    private var gap: Decision.Rule? {
        guard let gap = evidence.gap else { return nil }
        var signs = ["\((gap.validRate * 100).formatted(decimals: 0))% of the answers are well-formed"]
        if let entropy = gap.confusionEntropy {
            signs.append("wrong answers spread over the labels by \(entropy.formatted(decimals: 2)) of 1")
        }
        if let gain = gap.demonstrationGain {
            signs.append(
                "demonstrations gain \(signed(gain.mean)) (\(signed(gain.lower)) to \(signed(gain.upper)))")
        }
        let finding =
            switch gap.finding {
            case .behaviour: "a behaviour gap"
            case .knowledge: "a knowledge gap"
            case .unclear: "unclear, knowledge or behaviour"
            }
        return rule("behaviour-gap", gap.finding == .behaviour, "\(finding): \(signs.joined(separator: ", "))")
    }

    private var consistency: Decision.Rule? {
        criterion("consistency") { if case .consistency = $0 { true } else { false } }
    }

    private var latency: Decision.Rule? {
        criterion("latency") { if case .latency = $0 { true } else { false } }
    }

    private func criterion(_ name: String, _ matches: (MetricDefinition) -> Bool) -> Decision.Rule? {
        guard let result = evidence.gate.criteria.first(where: { matches($0.criterion.metric) }) else { return nil }
        return rule(
            name, result.verdict == .passed,
            "\(result.criterion.metric.title) \((result.value ?? .nan).formatted(decimals: 3))\(bounds(result)): "
                + result.verdict.rawValue)
    }

    /// Where speed or cost is all that is unmet.
    private var tunedModel: Decision.Rule? {
        guard !facts.isMet, !facts.isQualityUnmet, evidence.mayFineTune, evidence.trainingsDone == 0 else { return nil }
        let model =
            evidence.otherTunedModel.map { "\($0) would be tuned" } ?? "the model that was prompted would be tuned"
        let cost = evidence.economics?.tunedPerCall.map {
            "1,000 calls of it are expected to cost \(dollars($0 * 1000))"
        }
        return rule(
            "tuned-meets-cost", facts.mayTuningSpeedUp, "\(model); " + (cost ?? "what a call of it costs is not known"))
    }

    private var tuningPays: Decision.Rule? {
        guard let economics = evidence.economics,
            let needed = economics.breakEvenCalls(trainingExamples: evidence.trainingExamples),
            let fixed = economics.fixedCost(trainingExamples: evidence.trainingExamples),
            let prompted = economics.promptedPerCall, let tuned = economics.tunedPerCall
        else { return nil }
        let saved =
            needed.isFinite
            ? "N* = \(dollars(fixed)) / \(dollars(prompted - tuned)) a call = "
                + "\(Int(saturating: min(needed.rounded(.up), 1e15)).grouped) calls"
            : "a tuned call is not cheaper than a prompted one (\(dollars(tuned)), \(dollars(prompted)))"
        let forecast =
            economics.callsInHorizon.map {
                "the forecast is \(Int(saturating: min($0, 1e15)).grouped) within its horizon"
            }
            ?? "no forecast says how many are expected"
        return rule("tuning-pays", facts.pays == true, "\(saved); \(forecast)")
    }

    private var adapterPrompts: Decision.Rule? {
        guard let scores = evidence.adapterPrompts, let best = scores.first else { return nil }
        let all = scores.map { "\($0.name) \($0.score.formatted(decimals: 3))" }.joined(separator: ", ")
        return rule(
            "adapter-prompts", best.name == evidence.gate.candidateName,
            "on the adapter, \(best.examples) prototype examples each: \(all)")
    }

    private var looksLeft: Decision.Rule {
        rule(
            "holdout-looks-left", facts.areLooksLeft,
            "look \(evidence.gate.spentLook) of \(evidence.gate.looksAllowed) at this holdout")
    }

    private func signed(_ value: Double) -> String { (value >= 0 ? "+" : "") + value.formatted(decimals: 3) }

    private func dollars(_ micro: Double) -> String {
        let amount = micro / 1_000_000
        return "$" + amount.formatted(decimals: abs(amount) >= 1 ? 2 : 6)
    }
}

extension Int {
    /// With a comma between groups of three digits.
    var grouped: String {
        let digits = String(magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return (self < 0 ? "-" : "") + text
    }
}
