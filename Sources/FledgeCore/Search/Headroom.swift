import FledgeDocument

/// Whether there is anything to gain over the first prompt on this data: asked before other candidates are scored, so that
/// a search is not paid for where it can't help.
package struct Headroom: Codable, Hashable, Sendable {
    package var hasRoom: Bool
    /// One sentence for people.
    package var statement: String
    package var baseline: CandidateID
    package var baselineName: String
    package var baselineScore: Double
    /// Exact one-sided bounds of the baseline's score, where it is a rate.
    package var lower: Double?
    package var upper: Double?
    package var examples: Int
    /// What validation asks of the same metric, where it asks for something.
    package var bar: Double?

    /// Whether it is settled, from the first of the baseline's scores, that there is room: even if all the rest is right, the
    /// baseline is neither right everywhere nor surely above the bar.
    package static func isSettled(
        baseline: Candidate, scores: [Double], of count: Int, metric: MetricDefinition, criteria: [CriterionDefinition]
    ) -> Bool {
        let best = scores + Array(repeating: 1, count: max(0, count - scores.count))
        return Headroom(baseline: baseline, scores: best, metric: metric, criteria: criteria).hasRoom
    }

    /// - Parameters:
    ///   - scores: the baseline's, on every example that candidates are scored on, or on so many that it is settled.
    ///   - criteria: of the validation and of the stage's advance; those on `metric` that set a lower bound are the bar.
    ///
    /// There is no room when the baseline has everything right, or when its lower bound (Clopper and Pearson, 1934, at the
    /// criterion's own confidence) already clears the highest bar.
    package init(
        baseline: Candidate, scores: [Double], metric: MetricDefinition, criteria: [CriterionDefinition]
    ) {
        let count = scores.count
        let total = scores.reduce(0, +)
        let mean = total / Double(max(count, 1))
        let bars = criteria.compactMap { criterion -> (bar: Double, alpha: Double)? in
            guard criterion.metric == metric, case .atLeast(let bar) = criterion.bound else { return nil }
            return (bar, 1 - criterion.confidence)
        }
        let highest = bars.max { $0.bar < $1.bar }
        let alpha = highest?.alpha ?? 0.05
        let bounds =
            metric.isRate
            ? Bounds.clopperPearson(successes: Int(saturating: total.rounded()), trials: count, alpha: alpha)
            : Bounds.betting(scores, alpha: alpha)
        self.baseline = baseline.id
        baselineName = baseline.name
        baselineScore = mean
        lower = bounds.lower
        upper = bounds.upper
        examples = count
        bar = highest?.bar
        let figures = "\(baseline.name) scores \(mean.formatted(decimals: 3)) on \(count) examples"
        if count > 0, total >= Double(count) {
            hasRoom = false
            statement = "\(figures): nothing is left to gain"
        } else if let bar = highest?.bar, bounds.lower >= bar {
            hasRoom = false
            statement =
                "\(figures), surely at least \(bounds.lower.formatted(decimals: 3)): the bar of \(bar.formatted(decimals: 3)) is cleared without a search"
        } else {
            hasRoom = true
            statement =
                "\(figures), at most \(bounds.upper.formatted(decimals: 3)): up to \((1 - mean).formatted(decimals: 3)) is to be gained"
        }
    }
}

/// What choosing or merging could gain at the most: the share of examples that some candidate has right, against the best
/// single one's (the Pareto front's upper bound; Agrawal et al., *GEPA*, 2025, §3).
package struct ParetoBound: Codable, Hashable, Sendable {
    /// The mean over the examples of the best score that any candidate has there.
    package var oracle: Double
    package var best: Double
    package var examples: Int
    package var candidates: Int

    /// - Parameter scores: only examples that every candidate was scored on count.
    package init?(_ scores: Race.Scores) {
        guard let first = scores.values.first else { return nil }
        let shared = first.keys.filter { example in scores.values.allSatisfy { $0[example] != nil } }
        guard !shared.isEmpty else { return nil }
        let count = Double(shared.count)
        oracle =
            shared.reduce(0.0) { sum, example in sum + (scores.values.compactMap { $0[example] }.max() ?? 0) } / count
        best =
            scores.values.map { one in shared.reduce(0.0) { $0 + (one[$1] ?? 0) } / count }.max() ?? 0
        examples = shared.count
        candidates = scores.count
    }

    package var gain: Double { oracle - best }
}
