import FledgeDocument
import Foundation

/// Judges one criterion on one candidate's samples.
///
/// A bound has to be shown, not met by chance: the criterion passes when the one-sided confidence bound on the near side
/// clears it, fails when the bound on the far side does not reach it, and is inconclusive between.
package struct CriterionJudge: Sendable {
    /// A sample with the group of its example.
    package struct Measured: Sendable {
        package var sample: Sample
        package var group: String

        package init(sample: Sample, group: String) {
            self.sample = sample
            self.group = group
        }
    }

    private let measured: [Measured]
    private let alphaShare: Double

    /// - Parameters:
    ///   - measured: the candidate's samples, all repeats.
    ///   - looks: among how many looks at these examples a criterion's α is shared (Bonferroni).
    package init(measured: [Measured], looks: Int) {
        self.measured = measured
        alphaShare = 1 / Double(max(1, looks))
    }

    package func judge(_ criterion: CriterionDefinition) -> CriterionResult {
        let alpha = (1 - criterion.confidence) * alphaShare
        guard !measured.isEmpty else {
            return CriterionResult(
                criterion: criterion, verdict: .error, value: nil, lower: nil, upper: nil, count: 0, alpha: alpha,
                detail: "no samples")
        }
        let estimate = estimate(of: criterion.metric, alpha: alpha)
        guard estimate.value.isFinite else {
            return CriterionResult(
                criterion: criterion, verdict: .error, value: nil, lower: nil, upper: nil, count: estimate.count,
                alpha: alpha, detail: estimate.problem ?? "nothing could be measured")
        }
        let verdict: Verdict =
            switch criterion.bound {
            case .atLeast(let bound):
                estimate.bounds.lower >= bound ? .passed : estimate.bounds.upper < bound ? .failed : .inconclusive
            case .atMost(let bound):
                estimate.bounds.upper <= bound ? .passed : estimate.bounds.lower > bound ? .failed : .inconclusive
            }
        return CriterionResult(
            criterion: criterion, verdict: verdict, value: estimate.value,
            lower: estimate.bounds.lower.isFinite ? estimate.bounds.lower : nil,
            upper: estimate.bounds.upper.isFinite ? estimate.bounds.upper : nil,
            count: estimate.count, alpha: alpha,
            countNeeded: verdict == .inconclusive && criterion.metric.isRate
                ? Self.countNeeded(rate: estimate.value, bound: criterion.bound, alpha: alpha, above: estimate.count)
                : nil)
    }

    // MARK: Estimates

    private struct Estimate {
        var value: Double
        var bounds: Bounds
        var count: Int
        var problem: String?
    }

    private func estimate(of metric: MetricDefinition, alpha: Double) -> Estimate {
        let first = measured.filter { $0.sample.repeat == 0 }
        switch metric {
        case .exactMatch, .normalizedMatch, .accuracy, .regularExpression, .jsonField, .numeric, .validOutput:
            let hits = first.count { ($0.sample.scores[metric.name] ?? 0) >= 0.5 }
            return rate(hits, of: first.count, alpha: alpha)
        case .tokenF1:
            let values = first.map { $0.sample.scores[metric.name] ?? 0 }
            return Estimate(
                value: mean(values), bounds: .betting(values, alpha: alpha), count: values.count)
        case .consistency:
            let byExample = Dictionary(grouping: measured, by: \.sample.example).values.filter { $0.count > 1 }
            guard !byExample.isEmpty else {
                return Estimate(
                    value: .nan, bounds: Bounds(lower: 0, upper: 1), count: 0, problem: "no repeats were made")
            }
            let agreeing = byExample.count { repeats in
                Set(repeats.map(\.sample.output)).count == 1 && repeats[0].sample.output != nil
            }
            return rate(agreeing, of: byExample.count, alpha: alpha)
        case .latency(let percentile):
            let seconds = measured.filter { $0.sample.output != nil }
                .map { Double($0.sample.latencyMicroseconds) / 1e6 }.sorted()
            guard !seconds.isEmpty else {
                return Estimate(value: .nan, bounds: Bounds(lower: 0, upper: 0), count: 0, problem: "every call failed")
            }
            let quantile = Double(percentile.rawValue) / 100
            let rank = max(1, Int((quantile * Double(seconds.count)).rounded(.up)))
            return Estimate(
                value: seconds[rank - 1], bounds: .quantile(quantile, ofSorted: seconds, alpha: alpha),
                count: seconds.count)
        case .costPerThousandCalls:
            return total(alpha: alpha) { Double($0.costMicroDollars) / 1e3 }
        case .tokensPerCall:
            return total(alpha: alpha) { Double($0.promptTokens + $0.completionTokens) }
        }
    }

    private func rate(_ hits: Int, of count: Int, alpha: Double) -> Estimate {
        Estimate(
            value: count == 0 ? .nan : Double(hits) / Double(count),
            bounds: .clopperPearson(successes: hits, trials: count, alpha: alpha), count: count)
    }

    private func total(alpha: Double, _ value: (Sample) -> Double) -> Estimate {
        let groups = Dictionary(grouping: measured, by: \.group).sorted { $0.key < $1.key }.map {
            $0.value.map { value($0.sample) }
        }
        return Estimate(
            value: mean(groups.flatMap { $0 }), bounds: Bootstrap().mean(groups: groups, alpha: alpha),
            count: measured.count)
    }

    private func mean(_ values: [Double]) -> Double {
        values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
    }

    /// The number of examples at which the same rate would settle the criterion; nil when a million would not.
    ///
    /// - Parameter count: so many did not settle it.
    package static func countNeeded(rate: Double, bound: Bound, alpha: Double, above count: Int = 4) -> Int? {
        func isSettled(_ count: Int) -> Bool {
            let bounds = Bounds.clopperPearson(
                successes: Int((rate * Double(count)).rounded()), trials: count, alpha: alpha)
            return switch bound {
            case .atLeast(let value): bounds.lower >= value || bounds.upper < value
            case .atMost(let value): bounds.upper <= value || bounds.lower > value
            }
        }
        var low = max(1, count)
        var high = 2 * low
        while !isSettled(high) {
            low = high
            high *= 2
            if high > 1_000_000 { return nil }
        }
        while low + 1 < high {
            let middle = (low + high) / 2
            if isSettled(middle) { high = middle } else { low = middle }
        }
        return high
    }
}
