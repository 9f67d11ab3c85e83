import FledgeDocument

extension MetricDefinition {
    /// A value of the metric with its unit, for people: `0.930`, `1.250 s`, `$0.0012` for a thousand calls; `–` for nil.
    ///
    /// - Parameter decimals: of scores and seconds; dollars get four, tokens one.
    package func text(of value: Double?, decimals: Int = 3) -> String {
        guard let value else { return "–" }
        return switch kind {
        case .latency: "\(value.formatted(decimals: decimals)) s"
        case .costPerThousandCalls: "$\(value.formatted(decimals: 4))"
        case .tokensPerCall: value.formatted(decimals: 1)
        default: value.formatted(decimals: decimals)
        }
    }
}
