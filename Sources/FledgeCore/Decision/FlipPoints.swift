import FledgeDocument

/// Finds, for each number that the answer may hang on, the nearest value at which the answer is another.
///
/// The rules are asked again with one input changed and all others as they are: in steps that double until the answer
/// differs, then by bisection between the last value that gave the same answer and the first that did not. The answer
/// changes at most a few times along an input; should it change and change back between two doubled steps, the point found
/// is a true one, but may not be the nearest.
package enum FlipPoints {
    /// One input: where it is, how it is changed, and how a value is said.
    private struct Input {
        var name: String
        var now: Double
        /// Values are whole multiples of 1/perUnit.
        var perUnit: Double = 1
        var range: ClosedRange<Double>
        var set: (inout DecisionEvidence, Double) -> Void
        /// The rest of the sentence after the answer.
        var words: (_ value: Double, _ isAbove: Bool) -> String
    }

    static func of(_ evidence: DecisionEvidence, facts: DecisionFacts, curve: DecisionFacts.Curve?)
        -> [Decision.FlipPoint]
    {
        let now = facts.kind(for: evidence.gate.verdict)
        return inputs(of: evidence).flatMap { input in
            [true, false].compactMap { nearest(input, above: $0, evidence, now, curve) }
        }
    }

    /// The answer with one input changed; nil for an input that the evidence does not have.
    package static func kind(of evidence: DecisionEvidence, with name: String, at value: Double) -> DecisionKind? {
        inputs(of: evidence).first { $0.name == name }
            .map { answer($0, at: value, evidence, DecisionFacts.Curve(evidence)) }
    }

    private static func answer(
        _ input: Input, at value: Double, _ evidence: DecisionEvidence, _ curve: DecisionFacts.Curve?
    ) -> DecisionKind {
        var changed = evidence
        input.set(&changed, value)
        return DecisionFacts(changed, curve: curve).kind(for: changed.gate.verdict)
    }

    private static func nearest(
        _ input: Input, above: Bool, _ evidence: DecisionEvidence, _ now: DecisionKind, _ curve: DecisionFacts.Curve?
    ) -> Decision.FlipPoint? {
        let scaled = input.now * input.perUnit
        let base = scaled.rounded(above ? .down : .up)
        let limit = ((above ? input.range.upperBound : input.range.lowerBound) * input.perUnit).rounded()
        let most = above ? limit - base : base - limit
        // Beyond 2⁵³ a step of one changes nothing: there is no nearest value then. The same keeps both searches below 55 steps.
        guard most >= 1, abs(base) + most <= 0x1p53 else { return nil }
        func value(_ steps: Double) -> Double { (base + (above ? steps : -steps)) / input.perUnit }
        func kind(_ steps: Double) -> DecisionKind { answer(input, at: value(steps), evidence, curve) }

        var same = 0.0
        var other = 1.0
        while kind(other) == now {
            guard other < most else { return nil }
            same = other
            other = min(2 * other, most)
        }
        while same + 1 < other {
            let middle = ((same + other) / 2).rounded(.down)
            if kind(middle) == now { same = middle } else { other = middle }
        }
        let found = value(other)
        let outcome = kind(other)
        return Decision.FlipPoint(
            input: input.name, now: input.now, at: found, step: 1 / input.perUnit, kind: outcome,
            statement: "\(outcome.rawValue) \(input.words(found, above))")
    }

    // MARK: Inputs

    private static func inputs(of evidence: DecisionEvidence) -> [Input] {
        bars(of: evidence) + examples(of: evidence) + search(of: evidence) + economics(of: evidence)
    }

    /// Bars of criteria whose verdict follows from their bounds alone.
    private static func bars(of evidence: DecisionEvidence) -> [Input] {
        guard evidence.gate.judgedAgain == evidence.gate.verdict else { return [] }
        return evidence.gate.criteria.indices.compactMap { index in
            let result = evidence.gate.criteria[index]
            let bound = result.criterion.bound
            let isShare = result.criterion.metric.metric.isShare
            guard bound.value.isFinite, bound.value >= 0, verdict(of: result, at: bound) == result.verdict else {
                return nil
            }
            return Input(
                name: "bar:\(result.criterion.metric.name)", now: bound.value, perUnit: 1000,
                range: 0...(isShare ? 1 : max(1, 100 * bound.value)),
                set: { evidence, value in
                    let moved: Bound = if case .atLeast = bound { .atLeast(value) } else { .atMost(value) }
                    evidence.gate.criteria[index].criterion.bound = moved
                    evidence.gate.criteria[index].verdict = verdict(of: result, at: moved)
                    evidence.gate.verdict = evidence.gate.judgedAgain
                },
                words: { value, isAbove in
                    "if the bar on \(result.criterion.metric.title) were \(value.formatted(decimals: 3)) or "
                        + (isAbove ? "more" : "less")
                })
        }
    }

    /// As `CriterionEvaluator` draws it from the bounds.
    private static func verdict(of result: CriterionResult, at bound: Bound) -> Verdict {
        if result.verdict == .error { return .error }
        let lower = result.lower ?? -.infinity
        let upper = result.upper ?? .infinity
        return switch bound {
        case .atLeast(let bar): lower >= bar ? .passed : upper < bar ? .failed : .inconclusive
        case .atMost(let bar): upper <= bar ? .passed : lower > bar ? .failed : .inconclusive
        }
    }

    private static func examples(of evidence: DecisionEvidence) -> [Input] {
        let now = evidence.trainingExamples
        return [
            Input(
                name: "training-examples", now: Double(now), range: 0...1e9,
                set: { $0.trainingExamples = Int(saturating: $1) },
                words: { value, isAbove in
                    let difference = Int(saturating: abs(value - Double(now))).grouped
                    return
                        "with \(difference) \(isAbove ? "more" : "fewer") training examples (\(Int(saturating: value).grouped))"
                }),
            Input(
                name: "least-training-examples", now: Double(evidence.minimumTrainingExamples), range: 0...1e9,
                set: { $0.minimumTrainingExamples = Int(saturating: $1) },
                words: { value, isAbove in
                    "if \(Int(saturating: value).grouped) training examples or \(isAbove ? "more" : "fewer") were asked for"
                }),
        ]
    }

    private static func search(of evidence: DecisionEvidence) -> [Input] {
        var inputs = [
            Input(
                name: "rounds", now: Double(evidence.roundsMaximum), range: 0...1000,
                set: { $0.roundsMaximum = Int(saturating: $1) },
                words: { value, isAbove in
                    "if \(Int(saturating: value)) rounds or \(isAbove ? "more" : "fewer") were allowed"
                })
        ]
        if evidence.plateauRounds != nil || evidence.gain != nil {
            inputs.append(
                Input(
                    name: "plateau-minimum-gain", now: evidence.plateauMinimumGain, perUnit: 1000, range: 0...1,
                    set: { $0.plateauMinimumGain = $1 },
                    words: { value, isAbove in
                        "if a gain had to be \(value.formatted(decimals: 3)) or \(isAbove ? "more" : "less") to be "
                            + "worth a round"
                    }))
        }
        return inputs
    }

    private static func economics(of evidence: DecisionEvidence) -> [Input] {
        guard let economics = evidence.economics else { return [] }
        var inputs: [Input] = []
        if let calls = economics.callsPerPeriod {
            let period = economics.period?.rawValue ?? "period"
            inputs.append(
                Input(
                    name: "forecast-calls", now: calls, range: 0...1e12,
                    set: { $0.economics?.callsPerPeriod = $1 },
                    words: { value, isAbove in
                        "\(isAbove ? "from" : "up to") \(Int(saturating: value).grouped) calls a \(period)"
                    }))
        }
        func price(_ name: String, _ what: String, _ path: WritableKeyPath<Economics, Double?>) {
            guard let now = economics[keyPath: path] else { return }
            inputs.append(
                Input(
                    name: name, now: now, range: 0...1e13,
                    set: { $0.economics?[keyPath: path] = $1 },
                    words: { value, isAbove in
                        "if \(what) cost $\((value / 1_000_000).formatted(decimals: value < 1e6 ? 6 : 2)) or "
                            + (isAbove ? "more" : "less")
                    }))
        }
        price("cost-per-label", "a label", \.perLabel)
        price("cost-per-training-hour", "an hour of training", \.perTrainingHour)
        return inputs
    }
}
