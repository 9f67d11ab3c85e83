import FledgeDocument

extension UseCaseDefinition {
    /// The metric that candidates are ranked by: the first quality metric that validation requires, else the first that
    /// lets the prototype stage advance; a normalised match where the definition names none.
    package var primaryMetric: MetricDefinition {
        // What code can score is cheaper, and nothing can talk it round.
        qualityMetrics.first { $0.judge == nil } ?? qualityMetrics.first ?? .normalizedMatch
    }

    /// The metrics that may lead the search: those that validation requires first.
    package var qualityMetrics: [MetricDefinition] {
        let required = validation?.require.map(\.metric) ?? []
        let advancing = (promptPrototype?.advance ?? []).flatMap(\.conditions).compactMap { condition in
            if case .criterion(let criterion) = condition { criterion.metric } else { nil }
        }
        return (required + advancing).filter(\.isQuality)
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
            metric.metric.isScored && seen.insert(metric).inserted
        }
    }
}
