/// What one candidate scores above another on the examples that both were asked about.
package struct PairedGain: Codable, Hashable, Sendable {
    package var before: String
    package var latest: String
    /// Shared examples.
    package var examples: Int
    package var mean: Double
    /// One-sided bounds on the gain, each wrong with probability at most `alpha`.
    package var lower: Double
    package var upper: Double
    package var alpha: Double

    /// Nil without a shared example.
    ///
    /// The bounds are those of betting (Waudby-Smith and Ramdas, JRSS B 86, 2024, §4) for the mean of the paired
    /// differences in −1…1, in an order drawn from the examples alone (the data file's may be that of the labels): they hold
    /// for every sample size and distribution, and pairing takes out what makes some examples harder than others.
    ///
    /// Both candidates may be the best of several and score higher than they are; the two errors stand against each other.
    /// No answer but "another round" or "no further round" rests on a gain.
    package init?(
        before: (name: String, scores: [ExampleID: Double]), latest: (name: String, scores: [ExampleID: Double]),
        alpha: Double = 0.05
    ) {
        var random = SplitMix64(seed: 7)
        let shared = before.scores.keys.filter { latest.scores[$0] != nil }.sorted().shuffled(using: &random)
        let pairs = shared.compactMap { id in
            before.scores[id].flatMap { first in latest.scores[id].map { (before: first, latest: $0) } }
        }
        guard !pairs.isEmpty else { return nil }
        self.before = before.name
        self.latest = latest.name
        self.alpha = alpha
        examples = pairs.count
        mean = pairs.reduce(0) { $0 + $1.latest - $1.before } / Double(pairs.count)
        let bounds = Bounds.betting(pairs.map { $0.latest - $0.before }, range: -1...1, alpha: alpha)
        lower = bounds.lower
        upper = bounds.upper
    }

    package init(
        before: String, latest: String, examples: Int, mean: Double, lower: Double, upper: Double, alpha: Double = 0.05
    ) {
        self.before = before
        self.latest = latest
        self.examples = examples
        self.mean = mean
        self.lower = lower
        self.upper = upper
        self.alpha = alpha
    }
}

/// How far prompts have come from the plainest one, and how far the best of them still is from the bar.
package struct PromptHeadroom: Codable, Hashable, Sendable {
    /// The plainest prompt: the first that was scored without demonstrations.
    package var baseline: String
    package var baselineScore: Double
    package var best: String
    package var bestScore: Double
    package var examples: Int
    /// An exact upper bound (Clopper and Pearson 1934) on what the best prompt truly scores, for scores of 0 and 1; by
    /// betting (Waudby-Smith and Ramdas 2024) for others. The best of many is worse than it looks, so that the bound is
    /// rather too high.
    package var bestUpper: Double

    package init(
        baseline: String, baselineScore: Double, best: String, bestScore: Double, examples: Int, bestUpper: Double
    ) {
        self.baseline = baseline
        self.baselineScore = baselineScore
        self.best = best
        self.bestScore = bestScore
        self.examples = examples
        self.bestUpper = bestUpper
    }
}
