import FledgeDocument

/// Names every number that the rules could have used and nobody supplied, with what supplies it.
enum MissingInputs {
    static func of(_ evidence: DecisionEvidence) -> [Decision.MissingInput] {
        var missing: [Decision.MissingInput] = []
        func note(_ name: String, _ supply: String, if isMissing: Bool) {
            if isMissing { missing.append(.init(name: name, supply: supply)) }
        }
        let metrics = evidence.gate.criteria.map(\.criterion.metric)
        note(
            "plateau", "a second prompt round: Rounds(atMost: 2) or more in PromptPrototype",
            if: evidence.gain == nil && evidence.trainingsDone == 0 && evidence.gate.verdict != .passed)
        note(
            "consistency", "Consistency(atLeast: 0.9, repeats: 3) in Validation's Require",
            if: !metrics.contains { if case .consistency = $0 { true } else { false } })
        note(
            "latency", "Latency(.p95, atMost: .seconds(2)) in Validation's Require",
            if: !metrics.contains { if case .latency = $0 { true } else { false } })
        // What follows bears on tuning alone.
        guard evidence.mayFineTune else { return missing }
        note(
            "learning-curve", "Pilot(sizes: 50, 100, 200) in FineTune",
            if: evidence.trainingsDone == 0
                && Set((evidence.learningCurve ?? []).map(\.examples)).count < LearningCurve.minimumSizes)
        let economics = evidence.economics
        note(
            "forecast", "Forecast(calls: 40_000, per: .month) in the UseCase", if: economics?.callsPerPeriod == nil)
        note(
            "cost-per-label", "Costs(perLabel: .cents(10)) in the UseCase; .dollars(0) where labels are free",
            if: economics?.perLabel == nil)
        note(
            "cost-per-training-hour", "Costs(perTrainingHour: .dollars(1.20)) in the UseCase",
            if: economics?.perTrainingHour == nil)
        note(
            "cost-per-call",
            "price: .perMillionTokens(prompt: .cents(15), completion: .cents(60)) on the Model",
            if: economics?.promptedPerCall == nil || economics?.tunedPerCall == nil)
        return missing
    }
}
