import FledgeCore
import FledgeDocument
import Testing

@Suite("What a metric is")
struct MetricTests {
    struct Known: Sendable {
        let metric: MetricDefinition
        let name: String
        let title: String
        var value = "0.500"
        var isQuality = false
        var isRate = true
        var isShare = true
        var isScored = false
        var isMeanOfScores = false
    }

    private static let judge = JudgeDefinition(name: "kind", model: "small", rubric: "Is it kind?", labels: 40)

    /// Scores are stored under these names, and rest in evidence with these words.
    static let known: [Known] = [
        Known(
            metric: .exactMatch, name: "exact-match", title: "exact match", isQuality: true, isScored: true,
            isMeanOfScores: true),
        Known(
            metric: .normalizedMatch, name: "normalized-match", title: "normalised match", isQuality: true,
            isScored: true, isMeanOfScores: true),
        Known(
            metric: .accuracy, name: "accuracy", title: "accuracy", isQuality: true, isScored: true,
            isMeanOfScores: true),
        Known(metric: .macroF1, name: "macro-f1", title: "macro F1", isRate: false, isScored: true),
        Known(
            metric: .tokenF1, name: "token-f1", title: "token F1", isQuality: true, isRate: false, isScored: true,
            isMeanOfScores: true),
        Known(
            metric: .regularExpression("a"), name: "regular-expression:a", title: "match of /a/", isQuality: true,
            isScored: true, isMeanOfScores: true),
        Known(
            metric: .jsonField("a.b"), name: "json-field:a.b", title: "JSON field a.b", isQuality: true,
            isScored: true, isMeanOfScores: true),
        Known(
            metric: .jsonField("a", .exact), name: "exact-json-field:a", title: "JSON field a, exactly",
            isQuality: true, isScored: true, isMeanOfScores: true),
        Known(
            metric: .numeric(tolerance: 0.5), name: "numeric:0.5", title: "number within 0.5", isQuality: true,
            isScored: true, isMeanOfScores: true),
        Known(
            metric: .validOutput, name: "valid-output", title: "valid output", isScored: true, isMeanOfScores: true),
        Known(
            metric: .consistency(repeats: 3, examples: 20), name: "consistency:3", title: "consistency over 3 repeats"),
        Known(
            metric: .robustness([.letterCase, .paraphrase(field: "other")], examples: nil),
            name: "robustness:case,paraphrases in other", title: "robustness to case, paraphrases in other"),
        Known(
            metric: .latency(percentile: .p95), name: "latency:p95", title: "latency p95", value: "0.500 s",
            isRate: false, isShare: false),
        Known(
            metric: .costPerThousandCalls, name: "cost-per-thousand-calls", title: "cost of 1,000 calls",
            value: "$0.5000", isRate: false, isShare: false),
        Known(
            metric: .tokensPerCall, name: "tokens-per-call", title: "tokens per call", value: "0.5", isRate: false,
            isShare: false),
        Known(
            metric: .judged(judge), name: "judged:kind", title: "kind as small judges", isQuality: true,
            isMeanOfScores: true),
    ]

    @Test("names, words and what a metric may be used for stay what they were")
    func stays() {
        #expect(Set(Self.known.map(\.metric.kind)) == Set(MetricDefinition.Kind.allCases))
        for known in Self.known {
            let metric = known.metric.metric
            #expect(known.metric.name == known.name && known.metric.title == known.title)
            #expect(known.metric.text(of: 0.5) == known.value && known.metric.text(of: nil) == "–")
            #expect(known.metric.isQuality == known.isQuality && known.metric.isRate == known.isRate, "\(known.name)")
            #expect(metric.isShare == known.isShare && metric.isScored == known.isScored, "\(known.name)")
            #expect(metric.isMeanOfScores == known.isMeanOfScores, "\(known.name)")
        }
    }

    @Test("speed, cost and length do not concern answers, and stand for no quality; nor do repeats and changes stand")
    func concerns() {
        for known in Self.known {
            let metric = known.metric.metric
            #expect(metric.concernsAnswers == metric.isShare, "\(known.name)")
            #expect(metric.standsForQuality == (metric.isShare && metric.repetition == nil), "\(known.name)")
        }
    }
}
