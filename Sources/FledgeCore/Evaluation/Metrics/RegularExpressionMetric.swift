/// Whether a pattern is found somewhere in an answer (`RegularExpressionScorer`).
struct RegularExpressionMetric: Metric {
    let pattern: String

    var name: String { "regular-expression:\(pattern)" }
    var title: String { "match of /\(pattern)/" }
    let isQuality = true
    // What a pattern took too long over shows nothing.
    let mayLackScores = true

    /// The pattern, if it compiles.
    func prepared(labels: [String]) -> (any Sendable)? { try? Pattern(pattern) }

    func score(_ answer: Scorer.Answer, by scorer: Scorer) throws(CancellationError) -> Double? {
        guard let compiled = scorer.prepared[name] as? Pattern ?? (try? Pattern(pattern)) else { return nil }
        return switch try RegularExpressionScorer.search(answer.output, for: compiled, within: scorer.patternLimit) {
        case .found: 1
        case .absent: 0
        case .unknown: nil
        }
    }

    func check(at place: CriterionPlace, _ patterns: PatternCheck, _ findings: inout DefinitionValidator.Findings) {
        patterns.check(pattern, at: place.path, &findings)
    }
}
