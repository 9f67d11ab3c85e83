import FledgeDocument

/// One comparison with the champion, with its evidence.
package struct ComparisonResult: Codable, Hashable, Sendable {
    package var comparison: ComparisonDefinition
    /// The metric that was compared: that of the comparison, or the use case's first; nil for a cost.
    package var metric: MetricDefinition?
    package var verdict: Verdict
    /// The mean difference to the champion (above 0: better), or the share of its cost that is saved.
    package var value: Double?
    /// One-sided bounds, each wrong with probability at most `alpha`.
    package var lower: Double?
    package var upper: Double?
    /// The one-sided p-value, and the same adjusted after Holm over all comparisons of the gate.
    package var pValue: Double?
    package var adjustedPValue: Double?
    /// Pairs behind the value.
    package var count: Int
    /// Where scores are right or wrong: how many examples only the candidate, and how many only the champion, got
    /// right.
    package var wins: Int?
    package var losses: Int?
    package var alpha: Double
    /// How it was tested, in words.
    package var method: String
    package var countNeeded: Int?
    package var detail: String?

    package init(
        comparison: ComparisonDefinition, metric: MetricDefinition?, verdict: Verdict, value: Double? = nil,
        lower: Double? = nil, upper: Double? = nil, pValue: Double? = nil, adjustedPValue: Double? = nil, count: Int,
        wins: Int? = nil, losses: Int? = nil, alpha: Double, method: String, countNeeded: Int? = nil,
        detail: String? = nil
    ) {
        self.comparison = comparison
        self.metric = metric
        self.verdict = verdict
        self.value = value
        self.lower = lower
        self.upper = upper
        self.pValue = pValue
        self.adjustedPValue = adjustedPValue
        self.count = count
        self.wins = wins
        self.losses = losses
        self.alpha = alpha
        self.method = method
        self.countNeeded = countNeeded
        self.detail = detail
    }
}

/// Evaluates a candidate against the champion on the same examples.
///
/// The verdict is a test's, one-sided: exact McNemar for "better" of scores that are right or wrong; a bet against the null
/// on the paired differences for margins and other scores (Waudby-Smith and Ramdas 2024, valid for every sample size);
/// the bootstrap by group for costs, and for examples that come in groups. Holm's procedure over all comparisons of the
/// gate lets each be claimed by itself: none of them is claimed wrongly with more than α.
package struct ComparisonEvaluator: Sendable {
    package struct Pair: Sendable {
        package var challenger: Sample
        package var champion: Sample
        package var group: String

        package init(challenger: Sample, champion: Sample, group: String) {
            self.challenger = challenger
            self.champion = champion
            self.group = group
        }
    }

    private let pairs: [Pair]
    private let share: Double
    private let primary: MetricDefinition

    /// - Parameters:
    ///   - pairs: in an order that does not depend on the scores.
    ///   - share: the part of α that this look may spend.
    ///   - primary: what a comparison without a metric of its own compares.
    package init(pairs: [Pair], share: Double, primary: MetricDefinition) {
        self.pairs = pairs
        self.share = share
        self.primary = primary
    }

    /// - Throws: `CancellationError` where the task was cancelled.
    package func judge(_ comparisons: [ComparisonDefinition]) throws(CancellationError) -> [ComparisonResult] {
        var results: [ComparisonResult] = []
        for comparison in comparisons {
            try CancellationPoint.check()
            results.append(judge(comparison))
        }
        let tested = results.indices.filter { results[$0].pValue != nil }
        let adjusted = Holm.adjusted(tested.compactMap { results[$0].pValue })
        for (index, pValue) in zip(tested, adjusted) {
            results[index].adjustedPValue = pValue
            settle(&results[index])
        }
        return results
    }

    /// Where there is no champion: nothing to compare with, and nothing held up.
    package static func withoutChampion(_ comparisons: [ComparisonDefinition], primary: MetricDefinition, share: Double)
        -> [ComparisonResult]
    {
        comparisons.map { comparison in
            ComparisonResult(
                comparison: comparison, metric: comparison.kind == .cheaper ? nil : comparison.metric ?? primary,
                verdict: .passed, count: 0, alpha: (1 - comparison.confidence) * share, method: "none",
                detail: "there is no champion yet: nothing to compare with")
        }
    }

    /// Where the champion cannot be asked.
    package static func unanswered(
        _ comparisons: [ComparisonDefinition], primary: MetricDefinition, share: Double, because detail: String
    ) -> [ComparisonResult] {
        withoutChampion(comparisons, primary: primary, share: share).map {
            var result = $0
            result.verdict = .error
            result.detail = detail
            return result
        }
    }

    // MARK: One comparison

    private func judge(_ comparison: ComparisonDefinition) -> ComparisonResult {
        comparison.kind == .cheaper ? judgeCost(comparison) : judgeScore(comparison)
    }

    private func judgeScore(_ comparison: ComparisonDefinition) -> ComparisonResult {
        let metric = comparison.metric ?? primary
        let alpha = (1 - comparison.confidence) * share
        var result = ComparisonResult(
            comparison: comparison, metric: metric, verdict: .error, count: pairs.count, alpha: alpha, method: "none")
        guard !pairs.isEmpty else {
            result.detail = "no example was answered by both"
            return result
        }
        // What never came is taken against the candidate for all that it has to show, and for it in the bound that would
        // turn it down.
        let scores = scores(of: metric, missingFor: 0, against: 1)
        let differences = scores.map { $0.0 - $0.1 }
        let target = Self.target(of: comparison)
        let groups = grouped(differences)
        let answered = zip(pairs, differences).filter {
            $0.0.challenger.score(of: metric.name) != nil && $0.0.champion.score(of: metric.name) != nil
        }
        guard !answered.isEmpty else {
            result.detail = "no example was answered by both"
            return result
        }
        result.value = answered.reduce(0) { $0 + $1.1 } / Double(answered.count)
        let test = McNemar(scores.map { ($0.0 >= 0.5, $0.1 >= 0.5) })
        if metric.isRate { (result.wins, result.losses) = (test.wins, test.losses) }
        let bounds: Bounds
        if groups.count < pairs.count {
            bounds = Bootstrap().mean(groups: groups, alpha: alpha)
            result.pValue = Bootstrap().pAboveZero(groups: groups.map { $0.map { $0 - target } })
            result.method =
                "\(Bootstrap.method(groups: groups.count)) of paired differences over \(groups.count) groups"
        } else {
            bounds = .betting(differences, range: -1...1, alpha: alpha)
            if metric.isRate, target == 0 {
                result.pValue = test.pBetter
                result.method = "exact McNemar"
            } else {
                result.pValue = BettingTest.pValue(differences, null: target, range: -1...1)
                result.method = "betting on paired differences"
            }
        }
        (result.lower, result.upper) = (max(-1, bounds.lower), min(1, bounds.upper))
        if answered.count < pairs.count {
            let best = self.scores(of: metric, missingFor: 1, against: 0).map { $0.0 - $0.1 }
            let upper =
                groups.count < pairs.count
                ? Bootstrap().mean(groups: grouped(best), alpha: alpha).upper
                : Bounds.betting(best, range: -1...1, alpha: alpha).upper
            result.upper = min(1, upper)
            result.count = answered.count
            result.detail =
                "\(pairs.count - answered.count) pairs lack an answer or its score: taken against the candidate"
        }
        return result
    }

    /// - Parameters:
    ///   - mine: what an answer is worth that the candidate did not give, or whose judge could not be read.
    ///   - theirs: the same for the champion.
    private func scores(
        of metric: MetricDefinition, missingFor mine: Double, against theirs: Double
    ) -> [(Double, Double)] {
        pairs.map { pair in
            (
                pair.challenger.score(of: metric.name) ?? mine,
                pair.champion.score(of: metric.name) ?? theirs
            )
        }
    }

    private func grouped(_ differences: [Double]) -> [[Double]] {
        Dictionary(grouping: zip(pairs.map(\.group), differences), by: \.0)
            .sorted { $0.key < $1.key }.map { $0.value.map(\.1) }
    }

    /// A gain of 0 asks for nothing but being above it.
    private static func target(of comparison: ComparisonDefinition) -> Double {
        comparison.kind == .noWorse ? -comparison.margin : comparison.margin
    }

    private func judgeCost(_ comparison: ComparisonDefinition) -> ComparisonResult {
        let pairs = pairs.filter { $0.challenger.errorCode == nil && $0.champion.errorCode == nil }
        let isPriced = pairs.contains { $0.challenger.costMicroDollars > 0 || $0.champion.costMicroDollars > 0 }
        func cost(_ sample: Sample) -> Double {
            isPriced ? Double(sample.costMicroDollars) : Double(sample.promptTokens + sample.completionTokens)
        }
        let alpha = (1 - comparison.confidence) * share
        var result = ComparisonResult(
            comparison: comparison, metric: nil, verdict: .error, count: pairs.count, alpha: alpha,
            method: "none")
        let unknown = pairs.count { $0.challenger.isUsagePresumed || $0.champion.isUsagePresumed }
        guard unknown == 0 else {
            result.verdict = .inconclusive
            result.detail = "the server did not say what \(unknown) of \(pairs.count) pairs of calls used"
            return result
        }
        var groups: [String: (numerator: Double, denominator: Double)] = [:]
        for pair in pairs {
            groups[pair.group, default: (0, 0)].numerator += cost(pair.challenger)
            groups[pair.group, default: (0, 0)].denominator += cost(pair.champion)
        }
        let totals = groups.sorted { $0.key < $1.key }.map(\.value)
        let (mine, theirs) = totals.reduce((0.0, 0.0)) { ($0.0 + $1.numerator, $0.1 + $1.denominator) }
        guard theirs > 0 else {
            result.detail = "the champion's answers cost nothing"
            return result
        }
        result.method =
            "\(Bootstrap.method(groups: totals.count)) of the \(isPriced ? "cost" : "tokens") of a call"
        let ratio = Bootstrap().ratio(totals, alpha: alpha)
        result.value = 1 - mine / theirs
        (result.lower, result.upper) = (1 - ratio.upper, 1 - ratio.lower)
        if result.lower?.isFinite != true { (result.lower, result.upper) = (nil, nil) }
        result.pValue = Bootstrap().pAboveZero(
            groups: totals.map { [(1 - comparison.margin) * $0.denominator - $0.numerator] })
        return result
    }

    private func settle(_ result: inout ComparisonResult) {
        guard let value = result.value, let pValue = result.adjustedPValue else { return }
        let target = Self.target(of: result.comparison)
        let bounds = Bounds(lower: result.lower ?? -.infinity, upper: result.upper ?? .infinity)
        if pValue <= result.alpha {
            result.verdict = .passed
        } else if bounds.upper < target {
            result.verdict = .failed
        } else {
            result.verdict = .inconclusive
            result.countNeeded = CriterionEvaluator.countNeeded(
                value: value, bounds: bounds, target: target, count: result.count)
        }
    }
}
