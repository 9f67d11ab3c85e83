import FledgeDocument

/// One slice of the holdout, evaluated against a bar or against the champion.
package struct SliceResult: Codable, Hashable, Sendable {
    package enum Finding: String, Codable, Sendable, CaseIterable {
        /// Nothing shows that the slice is bad.
        case holds
        /// The slice is shown to miss the bar, or to be worse than the champion: the gate fails, whatever the mean
        /// says.
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
    /// The one-sided p-value that the slice misses, adjusted after Holm over all slices.
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
/// champion. Holm's procedure over all slices and bars keeps the chance of turning down any good one at α. Where groups
/// hold several examples, groups are what is counted.
package struct SliceEvaluator: Sendable {
    /// An example of the holdout with the candidate's sample, and the champion's where there is one.
    package struct Measured: Sendable {
        package var fields: [String: String]
        /// The group of the example: answers within one group are not independent.
        package var group: String
        package var sample: Sample
        package var champion: Sample?

        package init(fields: [String: String], group: String, sample: Sample, champion: Sample?) {
            self.fields = fields
            self.group = group
            self.sample = sample
            self.champion = champion
        }
    }

    private let measured: [Measured]
    private let share: Double
    private let primary: MetricDefinition

    /// - Parameters:
    ///   - measured: in an order that does not depend on the scores.
    ///   - share: the part of α that this look may spend.
    ///   - primary: what is compared with the champion.
    package init(measured: [Measured], share: Double, primary: MetricDefinition) {
        self.measured = measured
        self.share = share
        self.primary = primary
    }

    /// A finding with what it was computed from.
    private struct Row {
        var result: SliceResult
        var scores: [Double]
        var groups: [String]
        /// Nil where the slice is too small for a test.
        var pValue: Double?
    }

    /// - Parameter criteria: those that bound the score of single answers from below set the slices' bars.
    /// - Throws: `CancellationError` where the task was cancelled: data may have a slice for each value of many fields.
    package func judge(
        _ slices: SlicesDefinition, criteria: [CriterionDefinition]
    ) throws(CancellationError) -> [SliceResult] {
        let alpha = (1 - slices.confidence) * share
        var rows: [Row] = []
        for field in slices.fields {
            let byValue = Dictionary(grouping: measured) { $0.fields[field] ?? "" }
            for (value, members) in byValue.sorted(by: { $0.key < $1.key }) {
                let isLarge = members.count >= slices.minimumExamples
                // A judge's word is corrected over all examples together; of a slice alone it shows nothing.
                for criterion in criteria
                where criterion.metric.judge == nil && criterion.metric.metric.isMeanOfScores {
                    guard case .atLeast(let bar) = criterion.bound else { continue }
                    try CancellationPoint.check()
                    // What a pattern took too long over shows nothing.
                    let name = criterion.metric.name
                    let known =
                        criterion.metric.metric.mayLackScores
                        ? members.filter { $0.sample.isUnanswered || $0.sample.scores[name] != nil } : members
                    let isLarge = known.count >= slices.minimumExamples
                    let groups = known.map(\.group)
                    let scores = known.map { $0.sample.scores[name] ?? 0 }
                    rows.append(
                        Row(
                            result: result(
                                field, value, criterion.metric, scores, isLarge: isLarge, bar: bar, alpha: alpha),
                            scores: scores, groups: groups,
                            pValue: isLarge ? pUnder(bar, criterion.metric, scores, in: groups) : nil))
                }
                // An answer whose judge could not be read compares with nothing.
                let paired = members.filter {
                    $0.sample.score(of: primary.name) != nil && $0.champion?.score(of: primary.name) != nil
                }
                guard isLarge, paired.count >= slices.minimumExamples else { continue }
                try CancellationPoint.check()
                let scores = paired.map { $0.sample.scores[primary.name] ?? 0 }
                let champion = paired.map { $0.champion?.scores[primary.name] ?? 0 }
                let pairedGroups = paired.map(\.group)
                var compared = result(field, value, primary, scores, isLarge: true, bar: nil, alpha: alpha)
                compared.championScore = champion.reduce(0, +) / Double(champion.count)
                rows.append(
                    Row(
                        result: compared, scores: scores, groups: pairedGroups,
                        pValue: pWorse(primary, Array(zip(scores, champion)), in: pairedGroups)))
            }
        }
        return try settled(rows, alpha: alpha)
    }

    private func settled(_ rows: [Row], alpha: Double) throws(CancellationError) -> [SliceResult] {
        var results = rows.map(\.result)
        let tested = rows.indices.filter { rows[$0].pValue != nil }
        let adjusted = Holm.adjusted(tested.compactMap { rows[$0].pValue })
        for (index, pValue) in zip(tested, adjusted) {
            results[index].adjustedPValue = pValue
            results[index].finding = pValue <= alpha ? .vetoed : .holds
            try CancellationPoint.check()
            let bounds = bounds(of: rows[index], alpha: alpha / Double(tested.count))
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

    private func bounds(of row: Row, alpha: Double) -> Bounds {
        let scores = row.scores
        let groups = Self.byGroup(scores, row.groups)
        let areSingle = groups.count == scores.count
        if row.result.metric.isRate {
            return areSingle
                ? .clopperPearson(successes: scores.count { $0 >= 0.5 }, trials: scores.count, alpha: alpha)
                : .clopperPearson(groups: groups.map { ($0.count { $0 >= 0.5 }, $0.count) }, alpha: alpha)
        }
        if areSingle { return .betting(scores, alpha: alpha) }
        let bounds = Bootstrap().mean(groups: groups, alpha: alpha)
        return Bounds(lower: max(0, bounds.lower), upper: min(1, bounds.upper))
    }

    // MARK: Tests

    /// Small when the slice's mean is under the bar.
    private func pUnder(_ bar: Double, _ metric: MetricDefinition, _ scores: [Double], in groups: [String]) -> Double {
        let byGroup = Self.byGroup(scores.map { bar - $0 }, groups)
        guard byGroup.count == scores.count else { return pAboveZero(byGroup) }
        return metric.isRate
            ? Binomial.atMost(scores.count { $0 >= 0.5 }, of: scores.count, rate: bar)
            : BettingTest.pValue(scores.map { 1 - $0 }, null: 1 - bar)
    }

    /// Small when the candidate is worse than the champion.
    private func pWorse(_ metric: MetricDefinition, _ scores: [(Double, Double)], in groups: [String]) -> Double {
        let byGroup = Self.byGroup(scores.map { $0.1 - $0.0 }, groups)
        if metric.isRate, byGroup.count == scores.count {
            return McNemar(scores.map { ($0.0 >= 0.5, $0.1 >= 0.5) }).pWorse
        }
        return pAboveZero(byGroup)
    }

    /// A bet on the groups' totals, which are independent of each other; scaled by the largest group's size, they stay within
    /// −1…1, and their mean keeps its sign. Valid for any number of groups, where resampling needs thirty.
    private func pAboveZero(_ groups: [[Double]]) -> Double {
        let largest = Double(groups.map(\.count).max() ?? 1)
        return BettingTest.pValue(groups.map { $0.reduce(0, +) / largest }, null: 0, range: -1...1)
    }

    /// In the order of the groups' first examples, which the gate draws by a hash. Their names' order would not do: names
    /// may go with what is easy (`a-1` before `b-1`), and a bet is only fair in an order that knows nothing of the scores.
    private static func byGroup(_ values: [Double], _ groups: [String]) -> [[Double]] {
        var places: [String: Int] = [:]
        var byGroup: [[Double]] = []
        for (value, group) in zip(values, groups) {
            if let place = places[group] {
                byGroup[place].append(value)
            } else {
                places[group] = byGroup.count
                byGroup.append([value])
            }
        }
        return byGroup
    }
}
