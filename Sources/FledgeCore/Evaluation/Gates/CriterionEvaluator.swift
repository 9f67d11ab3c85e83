import FledgeDocument
import Foundation

/// Evaluates one criterion on one candidate's samples.
///
/// A bound has to be shown, not met by chance: the criterion passes when the one-sided confidence bound on the near side
/// clears it, fails when the bound on the far side does not reach it, and is inconclusive between.
package struct CriterionEvaluator: Sendable {
    /// A sample with the group of its example, and what its answer is compared with.
    package struct Measured: Sendable {
        package var sample: Sample
        package var group: String
        /// What the data has for the answer; nil where nobody said.
        package var expected: String?

        package init(sample: Sample, group: String, expected: String? = nil) {
            self.sample = sample
            self.group = group
            self.expected = expected
        }
    }

    private let answers: MeasuredAnswers
    private let alphaShare: Double
    private let judges: JudgeStanding

    /// - Parameters:
    ///   - measured: the candidate's samples, all repeats.
    ///   - looks: among how many looks at these examples a criterion's α is shared (Bonferroni).
    ///   - judges: whether judges advise, or decide by how far they agree with people: then a criterion whose judge was not
    ///     measured is inconclusive.
    package init(measured: [Measured], looks: Int, judges: JudgeStanding = .calibrated([:])) {
        self.init(measured: measured, share: 1 / Double(max(1, looks)), judges: judges)
    }

    /// - Parameters:
    ///   - share: the part of a criterion's α that this look may spend, 0…1.
    ///   - judges: whether judges advise, or decide by how far they agree with people: then a criterion whose judge was not
    ///     measured is inconclusive.
    package init(measured: [Measured], share: Double, judges: JudgeStanding = .calibrated([:])) {
        answers = MeasuredAnswers(measured)
        alphaShare = share
        self.judges = judges
    }

    package func judge(_ criterion: CriterionDefinition) -> CriterionResult {
        let alpha = (1 - criterion.confidence) * alphaShare
        guard !answers.measured.isEmpty else {
            return CriterionResult(
                criterion: criterion, verdict: .error, value: nil, lower: nil, upper: nil, count: 0, alpha: alpha,
                detail: "no samples")
        }
        if let judge = criterion.metric.judge { return judged(criterion, by: judge, alpha: alpha) }
        let estimate = criterion.metric.metric.estimate(from: answers, alpha: alpha)
        if let unknown = estimate.unknown {
            return CriterionResult(
                criterion: criterion, verdict: .inconclusive, value: nil, lower: nil, upper: nil,
                count: estimate.count, alpha: alpha, detail: unknown)
        }
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
            countNeeded: verdict == .inconclusive ? countNeeded(for: criterion, estimate, alpha: alpha) : nil,
            detail: estimate.note)
    }

    private func judged(_ criterion: CriterionDefinition, by judge: JudgeDefinition, alpha: Double) -> CriterionResult {
        let name = criterion.metric.name
        let answers = answers.first.map { measured -> EvaluatedCriterion.Answer in
            let sample = measured.sample
            if sample.isUnanswered || sample.isUnread(by: name) { return .missing }
            return sample.scores[name].map { .scored($0) } ?? .open
        }
        let calibration: JudgeCalibration? =
            switch judges {
            case .advice: nil
            case .calibrated(let known):
                known[name]
                    ?? JudgeCalibration(useCase: "NAME", judge: judge, matrix: ConfusionMatrix())
            }
        return EvaluatedCriterion.judge(criterion, answers: answers, calibration: calibration, alpha: alpha)
    }

    /// By the exact bounds for a rate; else by the bounds' width, which shrinks with the square root of the number.
    private func countNeeded(for criterion: CriterionDefinition, _ estimate: Estimate, alpha: Double) -> Int? {
        if criterion.metric.isRate {
            return Self.countNeeded(
                rate: estimate.value, bound: criterion.bound, alpha: alpha, above: estimate.count)
        }
        guard criterion.metric.metric.narrowsByRoot else { return nil }
        return Self.countNeeded(
            value: estimate.value, bounds: estimate.bounds, target: criterion.bound.value, count: estimate.count)
    }

    /// How many examples would part a value from a target, if it stayed and the bounds shrank with √n; nil when a million
    /// would not, and for fewer than ten, whose spread says too little.
    package static func countNeeded(value: Double, bounds: Bounds, target: Double, count: Int) -> Int? {
        let reach = value > target ? value - bounds.lower : bounds.upper - value
        let distance = abs(value - target)
        guard reach.isFinite, distance > 0, count >= 10 else { return nil }
        let needed = (Double(count) * (reach / distance) * (reach / distance)).rounded(.up)
        return !(needed <= 1_000_000) ? nil : max(count + 1, Int(saturating: needed))
    }

    /// The number of examples at which the same rate would settle the criterion; nil when a million would not.
    ///
    /// - Parameter count: so many did not settle it.
    package static func countNeeded(rate: Double, bound: Bound, alpha: Double, above count: Int = 4) -> Int? {
        // Where the rate is not a number, nothing says how many examples would do.
        guard !rate.isNaN, count <= 1_000_000 else { return nil }
        func isSettled(_ count: Int) -> Bool {
            let bounds = Bounds.clopperPearson(
                successes: min(count, max(0, Int(saturating: (rate * Double(count)).rounded()))), trials: count,
                alpha: alpha)
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
