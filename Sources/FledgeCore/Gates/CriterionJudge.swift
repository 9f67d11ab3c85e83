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

    /// Samples of the questions as they stand in the data, repeats included, and those of changed questions.
    private let measured: [Measured]
    private let perturbed: [Measured]
    /// The first answers, with the groups of their examples.
    private let first: [Measured]
    private let groups: Groups
    private let alphaShare: Double
    private let judges: JudgeStanding

    /// - Parameters:
    ///   - measured: the candidate's samples, all repeats.
    ///   - looks: among how many looks at these examples a criterion's α is shared (Bonferroni).
    ///   - judges: what models' judgements are worth; nothing unless said.
    package init(measured: [Measured], looks: Int, judges: JudgeStanding = .calibrated([:])) {
        self.init(measured: measured, share: 1 / Double(max(1, looks)), judges: judges)
    }

    /// - Parameters:
    ///   - share: the part of a criterion's α that this look may spend, 0…1.
    ///   - judges: what models' judgements are worth; nothing unless said.
    package init(measured: [Measured], share: Double, judges: JudgeStanding = .calibrated([:])) {
        // No copies where no question was repeated or changed: a gate may hold a million samples.
        let last = measured.withUnsafeBufferPointer { samples in
            samples.indices.reduce(0) { max($0, samples[$1].sample.repeat) }
        }
        let hasPerturbed = last >= Perturbation.firstRepeat
        self.measured = hasPerturbed ? measured.filter { $0.sample.repeat < Perturbation.firstRepeat } : measured
        perturbed = hasPerturbed ? measured.filter { $0.sample.repeat >= Perturbation.firstRepeat } : []
        first = last == 0 ? measured : measured.filter { $0.sample.repeat == 0 }
        groups = Groups(first)
        alphaShare = share
        self.judges = judges
    }

    package func judge(_ criterion: CriterionDefinition) -> CriterionResult {
        let alpha = (1 - criterion.confidence) * alphaShare
        guard !measured.isEmpty else {
            return CriterionResult(
                criterion: criterion, verdict: .error, value: nil, lower: nil, upper: nil, count: 0, alpha: alpha,
                detail: "no samples")
        }
        if let judge = criterion.metric.judge { return judged(criterion, by: judge, alpha: alpha) }
        let estimate = estimate(of: criterion.metric, alpha: alpha)
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
        let answers = first.map { measured -> JudgedCriterion.Answer in
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
        return JudgedCriterion.judge(criterion, answers: answers, calibration: calibration, alpha: alpha)
    }

    // MARK: Estimates

    private struct Estimate {
        var value: Double
        var bounds: Bounds
        var count: Int
        var problem: String?
        /// What goes along with a verdict: values that had to be bounded.
        var note: String?
        /// Why nothing can be said, though there are samples.
        var unknown: String?

        /// Says of how many answers it is not known whether a pattern is found in them.
        mutating func explain(givenUp: Int, of count: Int, _ metric: MetricDefinition) {
            let words =
                "the \(metric.title) took too long over \(givenUp) of \(count) answers and was given up: it is neither found "
                + "there nor not [pattern.given_up]"
            problem = problem.map { "\($0); \(words)" } ?? words
            note = note.map { "\($0); \(words)" } ?? words
            if self.count == 0 { unknown = words }
        }
    }

    private func estimate(of metric: MetricDefinition, alpha: Double) -> Estimate {
        switch metric {
        case .exactMatch, .normalizedMatch, .accuracy, .regularExpression, .jsonField, .numeric, .validOutput:
            let name = metric.name
            let isPattern = metric.kind == .regularExpression
            var givenUp = 0
            let outcomes = first.map { measured -> Bool? in
                if measured.sample.isUnanswered { return nil }
                // An older daemon takes the mark away and leaves no score.
                if isPattern, measured.sample.scores[name] == nil {
                    givenUp += 1
                    return nil
                }
                return (measured.sample.scores[name] ?? 0) >= 0.5
            }
            var estimate = rate(outcomes, in: groups, alpha: alpha)
            if givenUp > 0 { estimate.explain(givenUp: givenUp, of: first.count, metric) }
            return estimate
        case .tokenF1:
            let name = metric.name
            return mean(first.map { $0.sample.isUnanswered ? nil : $0.sample.scores[name] ?? 0 }, alpha: alpha)
        case .robustness:
            let before = Dictionary(first.map { ($0.sample.example, $0) }) { first, _ in first }
            let pairs = Dictionary(grouping: perturbed, by: \.sample.example).compactMap { example, samples in
                before[example].map { ($0, samples) }
            }.sorted { $0.0.sample.example.rawValue < $1.0.sample.example.rawValue }
            guard !pairs.isEmpty else {
                return Estimate(
                    value: .nan, bounds: Bounds(lower: 0, upper: 1), count: 0, problem: "no changed question was asked")
            }
            let held = pairs.map { before, after -> Bool? in
                guard let score = before.sample.score(of: "primary") else { return nil }
                let answered = after.filter { !$0.sample.isUnanswered && !$0.sample.isGivenUp }
                guard answered.allSatisfy({ ($0.sample.scores["primary"] ?? 0) >= score - 1e-9 }) else { return false }
                return answered.count == after.count ? true : nil
            }
            return rate(held, in: Groups(pairs.map(\.0)), alpha: alpha)
        case .consistency:
            let byExample = Dictionary(grouping: measured, by: \.sample.example).values.filter { $0.count > 1 }
            guard !byExample.isEmpty else {
                return Estimate(
                    value: .nan, bounds: Bounds(lower: 0, upper: 1), count: 0, problem: "no repeats were made")
            }
            let agreeing = byExample.map { repeats -> Bool? in
                let answered = repeats.filter { !$0.sample.isUnanswered }
                guard Set(answered.map(\.sample.output)).count <= 1 else { return false }
                return answered.count == repeats.count ? true : nil
            }
            return rate(agreeing, in: Groups(byExample.map { $0[0] }), alpha: alpha)
        case .latency(let percentile):
            let seconds = measured.lazy.filter { $0.sample.output != nil }
                .map { Double($0.sample.latencyMicroseconds) / 1e6 }.sorted()
            guard !seconds.isEmpty else {
                return Estimate(value: .nan, bounds: Bounds(lower: 0, upper: 0), count: 0, problem: "every call failed")
            }
            let quantile = Double(percentile.rawValue) / 100
            let rank = max(1, Int(saturating: (quantile * Double(seconds.count)).rounded(.up)))
            return Estimate(
                value: seconds[rank - 1], bounds: .quantile(quantile, ofSorted: seconds, alpha: alpha),
                count: seconds.count)
        case .costPerThousandCalls:
            return total("cost", alpha: alpha) { Double($0.costMicroDollars) / 1e3 }
        case .tokensPerCall:
            return total("tokens", alpha: alpha) { Double($0.promptTokens) + Double($0.completionTokens) }
        case .judged:
            return Estimate(
                value: .nan, bounds: Bounds(lower: 0, upper: 1), count: 0, problem: "a judge has its own rules")
        }
    }

    /// The groups of a list of examples, numbered.
    private struct Groups {
        let numbers: [Int]
        let count: Int

        init(_ measured: [Measured]) {
            var known: [String: Int] = [:]
            known.reserveCapacity(measured.count)
            var numbers: [Int] = []
            numbers.reserveCapacity(measured.count)
            measured.withUnsafeBufferPointer { samples in
                for index in samples.indices {
                    let next = known.count
                    let number = { (number: inout Int) in
                        if number < 0 { number = next }
                        return number
                    }(&known[samples[index].group, default: -1])
                    numbers.append(number)
                }
            }
            self.numbers = numbers
            count = known.count
        }

        /// Whether each example is a group of its own.
        var areSingle: Bool { count == numbers.count }
    }

    /// Exact where each example is a group of its own; with the effective number of examples where groups hold several.
    ///
    /// - Parameter outcomes: nil where there is no answer. What is not known is bounded by what it could be: wrong for the
    ///   lower bound, right for the upper one (Manski, "Nonparametric Bounds on Treatment Effects", 1990).
    private func rate(_ outcomes: [Bool?], in groups: Groups, alpha: Double) -> Estimate {
        let hits = outcomes.count { $0 == true }
        let missing = outcomes.count { $0 == nil }
        func bounds(missingAs guess: Bool) -> Bounds {
            guard !groups.areSingle else {
                return .clopperPearson(
                    successes: hits + (guess ? missing : 0), trials: outcomes.count, alpha: alpha)
            }
            var byGroup = [(hits: Int, trials: Int)](repeating: (0, 0), count: groups.count)
            for (outcome, group) in zip(outcomes, groups.numbers) {
                byGroup[group].trials += 1
                if outcome ?? guess { byGroup[group].hits += 1 }
            }
            return .clopperPearson(groups: byGroup, alpha: alpha)
        }
        let known = outcomes.count - missing
        let lowest = bounds(missingAs: false)
        return Estimate(
            value: known == 0 ? .nan : Double(hits) / Double(known),
            bounds: missing == 0 ? lowest : Bounds(lower: lowest.lower, upper: bounds(missingAs: true).upper),
            count: known, problem: known == 0 ? "no answer came" : nil, note: Self.note(missing: missing))
    }

    /// Of values in 0…1; nil where there is no answer, bounded as for a rate.
    private func mean(_ values: [Double?], alpha: Double) -> Estimate {
        let known = values.compactMap { $0 }
        let missing = values.count - known.count
        let lowest = meanBounds(values.map { $0 ?? 0 }, alpha: alpha)
        return Estimate(
            value: mean(known),
            bounds: missing == 0
                ? lowest : Bounds(lower: lowest.lower, upper: meanBounds(values.map { $0 ?? 1 }, alpha: alpha).upper),
            count: known.count, problem: known.isEmpty ? "no answer came" : nil, note: Self.note(missing: missing))
    }

    private static func note(missing: Int) -> String? {
        missing == 0 ? nil : "\(missing) without an answer: wrong in the lower bound, right in the upper"
    }

    /// By betting where each example is a group of its own; by resampling groups where they hold several.
    private func meanBounds(_ values: [Double], alpha: Double) -> Bounds {
        guard !groups.areSingle else {
            // A bet must not know the data file's order, which may well be that of the labels.
            var random = SplitMix64(seed: 7)
            return .betting(values.shuffled(using: &random), alpha: alpha)
        }
        var byGroup = [[Double]](repeating: [], count: groups.count)
        for (value, group) in zip(values, groups.numbers) { byGroup[group].append(value) }
        let bounds = Bootstrap().mean(groups: byGroup, alpha: alpha)
        return Bounds(lower: max(0, bounds.lower), upper: min(1, bounds.upper))
    }

    /// By the exact bounds for a rate; else by the bounds' width, which shrinks with the square root of the number.
    private func countNeeded(for criterion: CriterionDefinition, _ estimate: Estimate, alpha: Double) -> Int? {
        if criterion.metric.isRate {
            return Self.countNeeded(
                rate: estimate.value, bound: criterion.bound, alpha: alpha, above: estimate.count)
        }
        if case .latency = criterion.metric { return nil }
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

    /// A mean over calls that were answered, of amounts that the server counts. Where it did not say them for more calls than
    /// a gate bears, nothing is known; for a few, they are bounded by nothing and by the most that the call can have used.
    private func total(_ what: String, alpha: Double, _ value: (Sample) -> Double) -> Estimate {
        let answered = measured.filter { $0.sample.errorCode == nil }
        let unknown = answered.count { $0.sample.isUsagePresumed }
        var none = Estimate(value: .nan, bounds: Bounds(lower: 0, upper: 0), count: answered.count)
        guard !answered.isEmpty else {
            none.problem = "every call failed"
            return none
        }
        guard Double(unknown) <= MissingAnswers.usualLimit * Double(answered.count) else {
            none.unknown =
                "the server did not say the \(what) of \(unknown) of \(answered.count) calls: let it report usage, or leave "
                + "this criterion out"
            return none
        }
        let byGroup = Dictionary(grouping: answered, by: \.group).sorted { $0.key < $1.key }.map(\.value)
        func bounds(unknownAs guess: (Sample) -> Double) -> Bounds {
            Bootstrap().mean(
                groups: byGroup.map { $0.map { $0.sample.isUsagePresumed ? guess($0.sample) : value($0.sample) } },
                alpha: alpha)
        }
        let highest = bounds(unknownAs: value)
        return Estimate(
            value: mean(byGroup.flatMap { $0.filter { !$0.sample.isUsagePresumed }.map { value($0.sample) } }),
            bounds: unknown == 0 ? highest : Bounds(lower: bounds(unknownAs: { _ in 0 }).lower, upper: highest.upper),
            count: answered.count,
            note: unknown == 0 ? nil : "the server did not say the \(what) of \(unknown) calls: bounded by their most")
    }

    private func mean(_ values: [Double]) -> Double {
        values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
    }

    /// The number of examples at which the same rate would settle the criterion; nil when a million would not.
    ///
    /// - Parameter count: so many did not settle it.
    package static func countNeeded(rate: Double, bound: Bound, alpha: Double, above count: Int = 4) -> Int? {
        // Without a rate nothing says how many would do.
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
