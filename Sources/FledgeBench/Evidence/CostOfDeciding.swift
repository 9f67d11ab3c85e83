import FledgeCore
import FledgeDocument

/// How long a gate and a decision take once the samples are at hand.
enum CostOfDeciding {
    static let benchmark = Benchmark(name: "cost-of-deciding", run: run)

    @Sendable private static func run(quick: Bool) -> [Figure] {
        let count = quick ? 50_000 : 1_000_000
        let measured = samples(count)
        let criteria = [
            CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8)),
            CriterionDefinition(metric: .latency(percentile: .p95), bound: .atMost(2)),
            CriterionDefinition(metric: .validOutput, bound: .atLeast(0.9)),
        ]
        var gate: GateResult?
        let gateSeconds = median {
            let evaluator = CriterionEvaluator(measured: measured, looks: 2)
            let results = criteria.map(evaluator.judge)
            gate = GateResult(
                candidate: measured[0].sample.candidate, candidateName: "bench",
                verdict: GateEvaluator.verdict(of: results),
                criteria: results, look: 1, looksAllowed: 2, prototypeScore: 0.8, holdoutScore: 0.8)
        }
        guard let gate else { return [] }
        let evidence = evidence(for: gate)
        let decisionSeconds = median { _ = DecisionRules.decide(evidence) }
        let settings =
            "\(count) samples, \(criteria.count) criteria, verdict \(gate.verdict.rawValue), "
            + "\(DecisionRules.decide(evidence).flipPoints?.count ?? 0) flip points, median of 5 runs"
        return [
            Figure(
                bench: "cost-of-deciding", figure: "gate", value: gateSeconds, unit: "s", goal: .atMost(1),
                settings: settings),
            Figure(
                bench: "cost-of-deciding", figure: "decision", value: decisionSeconds * 1000, unit: "ms",
                goal: .atMost(10),
                settings: settings),
        ]
    }

    /// Everything that the rules may look at is there: pilots to project from, and an input for every flip point.
    private static func evidence(for gate: GateResult) -> DecisionEvidence {
        DecisionEvidence(
            gate: gate, roundScores: [0.5, 0.6, 0.61], roundsMaximum: 5, plateauRounds: 2, plateauMinimumGain: 0.01,
            isBudgetSpent: false, trainingExamples: 800, minimumTrainingExamples: 100, mayFineTune: true,
            trainingsDone: 0,
            gain: PairedGain(
                before: "a", latest: "b", examples: 200, mean: 0.01, lower: -0.03, upper: 0.05),
            economics: Economics(
                callsPerPeriod: 40_000, period: .month, horizonPeriods: 12, perLabel: 100_000,
                perTrainingHour: 1_200_000, trainingHours: 0.5, isTrainingMeasured: false, evaluationCalls: 1_000,
                promptedPerCall: 200, tunedPerCall: 100, isTunedMeasured: false),
            learningCurve: [(50, 0.6), (100, 0.68), (200, 0.74), (400, 0.78)].map {
                LearningCurvePoint(examples: $0.0, score: $0.1, count: 200)
            })
    }

    private static func samples(_ count: Int) -> [CriterionEvaluator.Measured] {
        var random = SplitMix64(seed: 1)
        let candidate = Digest(of: "bench")
        return (0..<count).map { index in
            let isRight = Double.random(in: 0..<1, using: &random) < 0.805 ? 1.0 : 0.0
            let sample = Sample(
                candidate: candidate, example: ExampleID(Int64(index)), repeat: 0, output: "a", errorCode: nil,
                scores: ["primary": isRight, "accuracy": isRight, "valid-output": 1], promptTokens: 50,
                cachedTokens: 40,
                completionTokens: 2, latencyMicroseconds: Int64.random(in: 50_000...400_000, using: &random),
                costMicroDollars: 0, fromCache: false)
            return CriterionEvaluator.Measured(sample: sample, group: "g\(index)")
        }
    }

    private static func median(_ body: () -> Void) -> Double {
        let seconds = (0..<5).map { _ in
            let duration = ContinuousClock().measure(body)
            return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        }
        return seconds.sorted()[2]
    }
}
