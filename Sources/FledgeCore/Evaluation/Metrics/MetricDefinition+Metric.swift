import FledgeDocument

extension MetricDefinition {
    /// What the metric is.
    package var metric: any Metric {
        switch self {
        case .exactMatch: ExactMatchMetric()
        case .normalizedMatch: LabelMatchMetric.normalizedMatch
        case .accuracy: LabelMatchMetric.accuracy
        case .macroF1: MacroF1Metric()
        case .tokenF1: TokenF1Metric()
        case .regularExpression(let pattern): RegularExpressionMetric(pattern: pattern)
        case .jsonField(let field, let comparison): JSONFieldMetric(field: field, comparison: comparison)
        case .numeric(let tolerance): NumericMetric(tolerance: tolerance)
        case .validOutput: ValidOutputMetric()
        case .consistency(let repeats, let examples): ConsistencyMetric(repeats: repeats, examples: examples)
        case .robustness(let perturbations, let examples):
            RobustnessMetric(perturbations: perturbations, examples: examples)
        case .latency(let percentile): LatencyMetric(percentile: percentile)
        case .costPerThousandCalls: CostMetric()
        case .tokensPerCall: TokensMetric()
        case .judged(let judge): JudgedMetric(judge: judge)
        }
    }

    /// Those whose parameters are numbers, in the order of their page.
    static let numbered: [any Metric.Type] = [
        NumericMetric.self, ConsistencyMetric.self, RobustnessMetric.self, LatencyMetric.self, JudgedMetric.self,
    ]
}

extension MetricDefinition {
    /// The key of the metric's score in a sample: stable, and different for different parameters.
    package var name: String { metric.name }
    /// The metric's name for people.
    package var title: String { metric.title }
    /// Whether the metric scores single answers on a scale of 0 (wrong) to 1 (right).
    package var isQuality: Bool { metric.isQuality }
    /// Whether every score is 0 or 1, so that the mean is a rate.
    package var isRate: Bool { metric.isRate }

    /// A value of the metric with its unit, for people: `0.930`, `1.250 s`, `$0.0012` for a thousand calls; `–` for nil.
    ///
    /// - Parameter decimals: of scores and seconds; dollars get four, tokens one.
    package func text(of value: Double?, decimals: Int = 3) -> String {
        value.map { metric.text(of: $0, decimals: decimals) } ?? "–"
    }
}
