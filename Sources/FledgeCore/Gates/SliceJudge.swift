import FledgeDocument

/// One slice of the holdout, judged against a bar or against the champion.
package struct SliceResult: Codable, Hashable, Sendable {
    package enum Finding: String, Codable, Sendable, CaseIterable {
        /// Nothing shows that the slice is bad.
        case holds
        /// It is shown to miss: the gate fails, whatever the mean says.
        case vetoed
        /// Fewer examples than a slice needs to decide anything.
        case tooSmall = "too-small"
    }

    package var field: String
    package var value: String
    package var metric: MetricDefinition
    package var finding: Finding
    package var count: Int
    /// The mean score, with its bounds, each wrong for any of the slices with probability at most `alpha`.
    package var score: Double
    package var lower: Double?
    package var upper: Double?
    /// What the slice was to reach: a criterion's bar; nil where it was compared with the champion.
    package var bar: Double?
    /// The champion's mean score on the slice.
    package var championScore: Double?
    /// One-sided, for "misses", after Holm over all slices.
    package var adjustedPValue: Double?
    package var alpha: Double

    package init(
        field: String, value: String, metric: MetricDefinition, finding: Finding, count: Int, score: Double,
        lower: Double? = nil, upper: Double? = nil, bar: Double? = nil, championScore: Double? = nil,
        adjustedPValue: Double? = nil, alpha: Double
    ) {
        self.field = field
        self.value = value
        self.metric = metric
        self.finding = finding
        self.count = count
        self.score = score
        self.lower = lower
        self.upper = upper
        self.bar = bar
        self.championScore = championScore
        self.adjustedPValue = adjustedPValue
        self.alpha = alpha
    }
}

/// Looks for values of a field on which a candidate is bad, though its mean is good.
///
/// A slice is turned down when it is shown to miss: its upper bound is under the bar, or it is significantly worse than the
/// champion. Holm's procedure over all slices and bars keeps the chance of turning down any good one at α.
package struct SliceJudge: Sendable {
    /// An example of the holdout with the candidate's sample, and the champion's where there is one.
    package struct Measured: Sendable {
        package var fields: [String: String]
        package var sample: Sample
        package var champion: Sample?

        package init(fields: [String: String], sample: Sample, champion: Sample?) {
            self.fields = fields
            self.sample = sample
            self.champion = champion
        }
    }

    private let measured: [Measured]
    private let share: Double
    private let primary: MetricDefinition

    package init(measured: [Measured], share: Double, primary: MetricDefinition) {
        self.measured = measured
        self.share = share
        self.primary = primary
    }

    /// - Parameter criteria: those that bound the score of single answers from below set the slices' bars.
    package func judge(_ slices: SlicesDefinition, criteria: [CriterionDefinition]) -> [SliceResult] {
        let alpha = (1 - slices.confidence) * share
        var results: [SliceResult] = []
        var pValues: [Double?] = []
        for field in slices.fields {
            let byValue = Dictionary(grouping: measured) { $0.fields[field] ?? "" }
            for (value, members) in byValue.sorted(by: { $0.key < $1.key }) {
                let isLarge = members.count >= slices.minimumExamples
                // A judge's word is corrected over all examples together; of a slice alone it shows nothing.
                for criterion in criteria
                where criterion.metric.judge == nil
                    && (criterion.metric.isQuality || criterion.metric == .validOutput)
                {
                    guard case .atLeast(let bar) = criterion.bound else { continue }
                    let scores = members.map { $0.sample.scores[criterion.metric.name] ?? 0 }
                    results.append(
                        result(field, value, criterion.metric, scores, isLarge: isLarge, bar: bar, alpha: alpha))
                    pValues.append(isLarge ? pUnder(bar, criterion.metric, scores, alpha: alpha) : nil)
                }
                let paired = members.filter { $0.champion != nil }
                guard isLarge, paired.count >= slices.minimumExamples else { continue }
                let scores = paired.map { $0.sample.scores[primary.name] ?? 0 }
                let champion = paired.map { $0.champion?.scores[primary.name] ?? 0 }
                var compared = result(field, value, primary, scores, isLarge: true, bar: nil, alpha: alpha)
                compared.championScore = champion.reduce(0, +) / Double(champion.count)
                results.append(compared)
                pValues.append(pWorse(primary, Array(zip(scores, champion)), alpha: alpha))
            }
        }
        return settled(results, pValues, alpha: alpha)
    }

    private func settled(_ results: [SliceResult], _ pValues: [Double?], alpha: Double) -> [SliceResult] {
        var results = results
        let tested = results.indices.filter { pValues[$0] != nil }
        let adjusted = Holm.adjusted(tested.compactMap { pValues[$0] })
        for (index, pValue) in zip(tested, adjusted) {
            results[index].adjustedPValue = pValue
            results[index].finding = pValue <= alpha ? .vetoed : .holds
            let bounds = bounds(of: results[index], alpha: alpha / Double(tested.count))
            (results[index].lower, results[index].upper) = (bounds.lower, bounds.upper)
        }
        return results
    }

    private func result(
        _ field: String, _ value: String, _ metric: MetricDefinition, _ scores: [Double], isLarge: Bool, bar: Double?,
        alpha: Double
    ) -> SliceResult {
        SliceResult(
            field: field, value: value, metric: metric, finding: isLarge ? .holds : .tooSmall, count: scores.count,
            score: scores.reduce(0, +) / Double(max(1, scores.count)), bar: bar, alpha: alpha)
    }

    private func bounds(of result: SliceResult, alpha: Double) -> Bounds {
        if result.metric.isRate {
            return .clopperPearson(
                successes: Int((result.score * Double(result.count)).rounded()), trials: result.count, alpha: alpha)
        }
        let scores = measured.filter { ($0.fields[result.field] ?? "") == result.value }
            .map { $0.sample.scores[result.metric.name] ?? 0 }
        return .betting(scores, alpha: alpha)
    }

    /// Small when the slice's mean is under the bar.
    private func pUnder(_ bar: Double, _ metric: MetricDefinition, _ scores: [Double], alpha: Double) -> Double {
        metric.isRate
            ? Binomial.atMost(scores.count { $0 >= 0.5 }, of: scores.count, rate: bar)
            : Bounds.bettingPValue(scores.map { 1 - $0 }, null: 1 - bar, alpha: alpha)
    }

    /// Small when the candidate is worse than the champion.
    private func pWorse(_ metric: MetricDefinition, _ scores: [(Double, Double)], alpha: Double) -> Double {
        metric.isRate
            ? McNemar(scores.map { ($0.0 >= 0.5, $0.1 >= 0.5) }).pWorse
            : Bounds.bettingPValue(scores.map { $0.1 - $0.0 }, null: 0, range: -1...1, alpha: alpha)
    }
}
