import FledgeDocument

extension MetricDefinition {
    /// Whether the metric scores single answers on a scale of 0 (wrong) to 1 (right).
    package var isQuality: Bool {
        switch self {
        case .exactMatch, .normalizedMatch, .accuracy, .tokenF1, .regularExpression, .jsonField, .numeric, .judged: true
        case .validOutput, .consistency, .robustness, .latency, .costPerThousandCalls, .tokensPerCall: false
        }
    }

    /// Whether every score is 0 or 1, so that the mean is a rate.
    package var isRate: Bool {
        switch self {
        case .tokenF1, .latency, .costPerThousandCalls, .tokensPerCall: false
        default: true
        }
    }
}

extension UseCaseDefinition {
    /// The metric that candidates are ranked by: the first quality metric that validation requires, else the first that
    /// lets the prototype stage advance; a normalised match where the definition names none.
    package var primaryMetric: MetricDefinition {
        let required = validation?.require.map(\.metric) ?? []
        let advancing = (promptPrototype?.advance ?? []).flatMap(\.conditions).compactMap { condition in
            if case .criterion(let criterion) = condition { criterion.metric } else { nil }
        }
        let quality = (required + advancing).filter(\.isQuality)
        // What code can score is cheaper, and nothing can talk it round.
        return quality.first { $0.judge == nil } ?? quality.first ?? .normalizedMatch
    }

    /// Every metric that code scores a single answer by.
    package var scoredMetrics: [MetricDefinition] {
        let required = validation?.require.map(\.metric) ?? []
        let advancing = (promptPrototype?.advance ?? []).flatMap(\.conditions).compactMap { condition in
            if case .criterion(let criterion) = condition { criterion.metric } else { nil }
        }
        let compared = (validation?.comparisons ?? []).compactMap(\.metric)
        var seen: Set<MetricDefinition> = []
        return ([primaryMetric, .validOutput] + required + advancing + compared).filter { metric in
            (metric.isQuality || metric == .validOutput) && metric.judge == nil && seen.insert(metric).inserted
        }
    }
}
