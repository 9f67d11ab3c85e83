import FledgeCore
import FledgeDocument
import Foundation

/// How values are written for people. What came from outside passes through `InertText`.
enum ReportText {
    static func number(_ value: Double, digits: Int = 2) -> String {
        guard value.isFinite else { return value > 0 ? "∞" : "−∞" }
        return String(format: "%.\(digits)f", value)
    }

    static func value(_ value: Double?, of metric: MetricDefinition) -> String {
        metric.text(of: value, decimals: 2)
    }

    static func interval(_ result: CriterionResult) -> String {
        guard result.lower != nil || result.upper != nil else { return "" }
        let lower = result.lower.map { value($0, of: result.criterion.metric) } ?? "−∞"
        let upper = result.upper.map { value($0, of: result.criterion.metric) } ?? "∞"
        return "[\(lower), \(upper)]"
    }

    static func bound(_ criterion: CriterionDefinition) -> String {
        switch criterion.bound {
        case .atLeast(let bar): "at least \(value(bar, of: criterion.metric))"
        case .atMost(let bar): "at most \(value(bar, of: criterion.metric))"
        }
    }

    static func dollars(_ micro: Int64) -> String {
        "$" + number(Double(micro) / 1_000_000, digits: micro != 0 && abs(micro) < 10_000 ? 6 : 2)
    }

    static func duration(_ seconds: Double) -> String {
        let whole = Int(saturating: seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }

    /// A date and time in UTC, to the second.
    static func instant(_ date: Date) -> String {
        let text = date.formatted(.iso8601)
        return text.replacing("T", with: " ").replacing("Z", with: " UTC")
    }
}
