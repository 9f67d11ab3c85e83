import FledgeDocument

/// What the rules find in the evidence, and which answer follows: no words yet, so that it can be asked often.
struct DecisionFacts {
    /// Why prompts are not tried any further.
    enum Exhaustion: Hashable {
        case tuned, plateau, budget, rounds, nothingNew
    }

    /// The ways in which the rules end, in the order in which they are tried.
    enum Outcome: Hashable {
        case promote, promoteEarlier, tuneToSave, notQuality, looksUsed, keepPrototyping, tunedFallsShort
        case tuningNotAllowed, tooFewExamples, curveNeedsMore, curveFallsShort, fineTune, tuneForCost
    }

    /// The learning curve with what it projects at the size of the evidence, so that most flips need no new projection.
    struct Curve {
        let curve: LearningCurve
        let examples: Int
        let projected: (score: Double, bounds: Bounds)

        init?(_ evidence: DecisionEvidence) {
            guard let curve = LearningCurve(evidence.learningCurve ?? []) else { return nil }
            self.curve = curve
            examples = evidence.trainingExamples
            projected = curve.projection(at: examples)
        }

        func projection(at size: Int) -> (score: Double, bounds: Bounds) {
            size == examples ? projected : curve.projection(at: size)
        }
    }

    let isMet: Bool
    let isQualityUnmet: Bool
    let areLooksLeft: Bool
    let isPlateau: Bool
    let exhaustion: Exhaustion?
    let mayTune: Bool
    let hasEnoughExamples: Bool
    /// Whether the projected score's upper bound reaches the bar; nil without pilot runs.
    let curveReachesBar: Bool?
    let pays: Bool?
    /// Whether a tuned model may meet the criteria on speed and cost that are not met.
    let mayTuningSpeedUp: Bool
    let outcome: Outcome

    init(_ evidence: DecisionEvidence, curve: Curve?) {
        let gate = evidence.gate
        isMet = gate.verdict == .passed
        isQualityUnmet = gate.unmet.contains(where: \.isQuality)
        areLooksLeft = gate.spentLook < gate.looksAllowed
        isPlateau = Self.hasPlateaued(evidence)
        exhaustion =
            if evidence.trainingsDone > 0 { .tuned } else if isPlateau { .plateau } else if evidence.isBudgetSpent {
                .budget
            } else if evidence.roundScores.count >= evidence.roundsMaximum {
                .rounds
            } else if evidence
                .hasNothingNewToTry == true
            { .nothingNew } else { nil }
        mayTune = evidence.mayFineTune && evidence.trainingsDone == 0
        hasEnoughExamples = evidence.trainingExamples >= evidence.minimumTrainingExamples
        if let curve, let bar = evidence.bar {
            curveReachesBar = curve.projection(at: evidence.trainingExamples).bounds.upper >= bar
        } else {
            curveReachesBar = nil
        }
        pays = evidence.economics?.pays(trainingExamples: evidence.trainingExamples)
        mayTuningSpeedUp = mayTune && Self.mayTuningSpeedUp(evidence)
        let canTune = mayTune && hasEnoughExamples && curveReachesBar != false
        // The look that a further prompt would take is the one that the tuned model will need.
        let hasLookToSpare = !canTune || gate.spentLook.saturatingSum(1) < gate.looksAllowed
        if isMet {
            if let earlier = evidence.earlierPass, let cost = earlier.costPerCall,
                let tuned = evidence.economics?.tunedPerCall, tuned >= cost
            {
                outcome = .promoteEarlier
            } else {
                outcome = pays == true && canTune && areLooksLeft ? .tuneToSave : .promote
            }
        } else if evidence.earlierPass != nil {
            outcome = .promoteEarlier
        } else if !isQualityUnmet, !mayTuningSpeedUp {
            outcome = .notQuality
        } else if !areLooksLeft {
            outcome = .looksUsed
        } else if isQualityUnmet, exhaustion == nil, hasLookToSpare {
            outcome = .keepPrototyping
        } else if evidence.trainingsDone > 0 {
            outcome = .tunedFallsShort
        } else if !mayTune {
            outcome = .tuningNotAllowed
        } else if !hasEnoughExamples {
            outcome = .tooFewExamples
        } else if let curve, curveReachesBar == false, let bar = evidence.bar {
            outcome = curve.curve.examplesNeeded(for: bar).optimistic == nil ? .curveFallsShort : .curveNeedsMore
        } else {
            outcome = isQualityUnmet ? .fineTune : .tuneForCost
        }
    }

    func kind(for verdict: Verdict) -> DecisionKind {
        switch outcome {
        case .promote, .promoteEarlier: .promote
        case .fineTune, .tuneToSave, .tuneForCost: .fineTune
        case .keepPrototyping: .keepPrototyping
        case .tooFewExamples, .curveNeedsMore: .needsData
        case .notQuality, .tuningNotAllowed, .curveFallsShort: .stop
        case .looksUsed, .tunedFallsShort: verdict == .inconclusive ? .needsData : .stop
        }
    }

    /// The least gain of a round that is worth another one: what the definition's plateau says, or the way that is still
    /// to go to the bar, where that is more.
    static func worthwhileGain(_ evidence: DecisionEvidence) -> Double {
        let best = evidence.roundScores.max() ?? 0
        return max(evidence.plateauMinimumGain, (evidence.bar ?? 0) - best)
    }

    /// Whether nothing that is known speaks against it. The same model costs less only where it then needs no
    /// demonstrations, and is no faster; what another one costs or takes may not be known before its gate.
    private static func mayTuningSpeedUp(_ evidence: DecisionEvidence) -> Bool {
        let isOther = evidence.otherTunedModel != nil
        let (tuned, prompted) = (evidence.economics?.tunedPerCall, evidence.economics?.promptedPerCall)
        let criteria = evidence.gate.criteria.filter {
            $0.verdict != .passed && !$0.criterion.metric.metric.concernsAnswers
        }
        let comparisons = (evidence.gate.comparisons ?? []).filter {
            $0.verdict != .passed && $0.comparison.kind == .cheaper
        }
        let mayMeet = criteria.allSatisfy { result in
            if result.verdict == .error { return false }
            guard result.criterion.metric == .costPerThousandCalls, case .atMost(let dollars) = result.criterion.bound,
                let tuned
            else { return isOther }
            return tuned / 1000 <= dollars
        }
        let mayUndercut = comparisons.allSatisfy { comparison in
            if comparison.verdict == .error { return false }
            guard let tuned, let prompted else { return isOther }
            return tuned < prompted
        }
        return !(criteria.isEmpty && comparisons.isEmpty) && mayMeet && mayUndercut
    }

    /// Whether even the upper bound on what the last rounds gained is no gain worth having. Without the paired scores, as
    /// in records of the first rules, the difference of the best scores stands in.
    private static func hasPlateaued(_ evidence: DecisionEvidence) -> Bool {
        if let gain = evidence.gain { return gain.upper <= worthwhileGain(evidence) }
        return evidence.plateauRounds.map {
            RoundJudge.hasPlateaued(
                bestOfRounds: evidence.roundScores, rounds: $0, minimumGain: evidence.plateauMinimumGain)
        } ?? false
    }
}
