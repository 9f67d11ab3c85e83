import FledgeCore
import Foundation

/// Numbers, dates and spans for people.
enum ValueText {
    static let missing = "–"

    static func score(_ value: Double?) -> String {
        guard let value, value.isFinite else { return missing }
        return String(format: "%.3f", value)
    }

    /// `0.843 [0.805, 0.876]`
    static func interval(_ value: Double?, _ lower: Double?, _ upper: Double?) -> String {
        guard let value else { return missing }
        guard lower != nil || upper != nil else { return score(value) }
        return "\(score(value)) [\(lower.map { bound($0) } ?? "…"), \(upper.map { bound($0) } ?? "…")]"
    }

    private static func bound(_ value: Double) -> String { value.isFinite ? score(value) : "∞" }

    static func dollars(_ micro: Int64) -> String {
        micro == 0 ? "$0" : String(format: micro < 10_000 ? "$%.6f" : "$%.2f", Double(micro) / 1_000_000)
    }

    /// `45 s`, `3 min 20 s`, `2 h 05 min`
    static func span(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite, seconds >= 0 else { return missing }
        let whole = Int(saturating: seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
        return String(format: "%d h %02d min", whole / 3600, whole % 3600 / 60)
    }

    /// In UTC, to the second.
    static func date(_ date: Date?) -> String {
        date.map { $0.formatted(Date.ISO8601FormatStyle()) } ?? missing
    }

    static func state(_ state: CycleState) -> String {
        if let block = state.block { return "blocked: \(block.message)" }
        if state.isPaused { return "paused" }
        return state.activity == .none ? missing : state.activity.rawValue
    }

    /// `144/300 prompt round 1: calls, 8.1/s, 19 s left`; `12/300 training 1, 12.4 s/step, 59 min 31 s left`
    static func progress(_ progress: UseCaseStatus.Progress?) -> String {
        guard let progress else { return "" }
        let count = progress.total > 0 ? "\(progress.done)/\(progress.total) " : ""
        var parts = [count + progress.what + (progress.phase.map { ": \($0)" } ?? "")]
        if let rate = progress.rate, rate.isFinite, rate > 0 {
            parts.append(
                rate < 1
                    ? "\(seconds(1 / rate))/\(progress.unit ?? "unit")"
                    : String(format: rate < 10 ? "%.1f/s" : "%.0f/s", rate))
        }
        if let eta = progress.etaSeconds, eta.isFinite { parts.append("\(span(eta)) left") }
        return parts.joined(separator: ", ")
    }

    /// `0.8 s`, `12.4 s`, `140 s`
    static func seconds(_ seconds: Double) -> String { String(format: seconds < 100 ? "%.1f s" : "%.0f s", seconds) }

    /// `512 B`, `4.0 kB`, `1.2 GB`
    static func bytes(_ count: Int64) -> String {
        var (value, units) = (Double(count), ["B", "kB", "MB", "GB", "TB"][...])
        while value >= 1000, units.count > 1 {
            value /= 1000
            units.removeFirst()
        }
        return units.first == "B" ? "\(count) B" : String(format: "%.1f %@", value, units.first ?? "")
    }
}
