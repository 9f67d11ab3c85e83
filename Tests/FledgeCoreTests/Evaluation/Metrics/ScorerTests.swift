import FledgeCore
import FledgeDocument
import Testing

@Suite struct ScorerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let metric: MetricDefinition
        let output: String
        let expected: String
        /// Nil where it is not known.
        let score: Double?
        var choices: [String]?
        var labels: [String] = []
        var testDescription: String { "\(metric.name): \(output.prefix(20)) / \(expected.prefix(20))" }

        init(
            _ metric: MetricDefinition, _ output: String, _ expected: String, _ score: Double?,
            choices: [String]? = nil,
            labels: [String] = []
        ) {
            self.metric = metric
            self.output = output
            self.expected = expected
            self.score = score
            self.choices = choices
            self.labels = labels
        }
    }

    static let matching: [Case] = [
        Case(.exactMatch, " Paris\n", "Paris", 1), Case(.exactMatch, "paris", "Paris", 0),
        Case(.exactMatch, "", "", 1), Case(.exactMatch, "cafe\u{301}", "café", 1),
        Case(.normalizedMatch, "  The  answer: PARIS! ", "the answer paris", 1),
        Case(.normalizedMatch, "Paris, France", "Paris", 0), Case(.normalizedMatch, "", "x", 0),
        Case(.normalizedMatch, "don't", "don t", 1), Case(.normalizedMatch, "Ünïcode", "ünïcode", 1),
        // Texts that are all punctuation do not all mean the same.
        Case(.normalizedMatch, "<", ">", 0), Case(.normalizedMatch, " + ", "+", 1), Case(.accuracy, "", "?", 0),
        Case(.accuracy, "Spam.", "spam", 1), Case(.accuracy, "not spam", "spam", 0),
        Case(.macroF1, "Spam.", "spam", 1), Case(.macroF1, "ham", "spam", 0, labels: ["ham", "spam"]),
    ]

    static let overlapping: [Case] = [
        Case(.tokenF1, "the cat sat", "the cat sat", 1), Case(.tokenF1, "a b", "c d", 0),
        // P = 2/4, R = 2/3: 2PR/(P+R) = 4/7.
        Case(.tokenF1, "a b c d", "a b e", 4.0 / 7), Case(.tokenF1, "a a a a", "a", 2.0 / 5),
        Case(.tokenF1, "", "", 1), Case(.tokenF1, "", "a", 0), Case(.tokenF1, "a", "", 0),
        Case(.tokenF1, "?!", "...", 1),
    ]

    static let patterns: [Case] = [
        Case(.regularExpression("[0-9]{3}"), "code 123.", "", 1), Case(.regularExpression("^[0-9]{3}$"), "1234", "", 0),
        Case(.regularExpression("^b$"), "a\nb\nc", "", 1), Case(.regularExpression("("), "(", "", nil),
        Case(.regularExpression("é+"), "caféé", "", 1),
        Case(.regularExpression("z$"), String(repeating: "a", count: 20_000) + "z", "", 0),
        // The last place that is looked at is found all the same.
        Case(.regularExpression("z$"), String(repeating: "a", count: 9_999) + "z", "", 1),
        // Left to itself, this one would take longer than anybody lives.
        Case(.regularExpression("^(a+)+$"), String(repeating: "a", count: 64) + "!", "", nil),
    ]

    static let fields: [Case] = [
        Case(.jsonField("city"), #"{"city": "Paris", "x": [1]}"#, "paris", 1),
        Case(.jsonField("city"), #"{"city": "Paris"}"#, #"{"city": "PARIS"}"#, 1),
        Case(.jsonField("city"), #"{"town": "Paris"}"#, "Paris", 0), Case(.jsonField("city"), "Paris", "Paris", 0),
        Case(.jsonField("city"), #"```{"city": "Paris"}```"#, "Paris", 1),
        Case(.jsonField("price.amount"), #"{"price": {"amount": 5.0}}"#, "5", 1),
        Case(.jsonField("price.amount"), #"{"price": {"amount": "5"}}"#, #"{"price": {"amount": 5}}"#, 1),
        Case(.jsonField("price.amount"), #"{"price": 5}"#, "5", 0), Case(.jsonField("on"), #"{"on": true}"#, "true", 1),
        Case(.jsonField("on"), #"{"on": null}"#, "null", 1), Case(.jsonField("on"), #"{"on": [1]}"#, "1", 0),
        Case(.jsonField("op"), #"{"op": "<"}"#, ">", 0),
    ]

    static let numbers: [Case] = [
        Case(.numeric(tolerance: 0), "It is 42.", "42", 1), Case(.numeric(tolerance: 0), "It is 43.", "42", 0),
        Case(.numeric(tolerance: 0.1), "0.3", "0.2", 1), Case(.numeric(tolerance: 0.1), "0.31", "0.2", 0),
        Case(.numeric(tolerance: 0), "1,234.5 €", "1234.5", 1), Case(.numeric(tolerance: 0), "-3", "3", 0),
        Case(.numeric(tolerance: 0), "1e3", "1000", 1), Case(.numeric(tolerance: 0), ".5", "0.5", 1),
        Case(.numeric(tolerance: 0), "none", "1", 0), Case(.numeric(tolerance: 0), "1", "none", 0),
        Case(.numeric(tolerance: 1), "1e999", "1e998", 0), Case(.numeric(tolerance: 1), "٣", "3", 0),
    ]

    static let validity: [Case] = [
        Case(.validOutput, "anything", "", 1), Case(.validOutput, " \n", "", 0),
        Case(.validOutput, "Spam!", "", 1, choices: ["ham", "spam"]),
        Case(.validOutput, "eggs", "", 0, choices: ["ham", "spam"]),
        Case(.validOutput, "spam or ham", "", 0, choices: ["ham", "spam"]), Case(.validOutput, "", "", 0, choices: []),
        Case(.validOutput, ">", "", 0, choices: ["<"]), Case(.validOutput, "+", "", 1),
    ]

    @Test("each formula gives its score", arguments: matching + overlapping + patterns + fields + numbers + validity)
    func score(_ test: Case) throws {
        let scorer = Scorer(labels: test.labels, metrics: [test.metric])
        let score = try scorer.score(
            test.metric, output: test.output, expected: test.expected, choices: test.choices)
        guard let score, let expected = test.score else {
            #expect(score == test.score)
            return
        }
        #expect(abs(score - expected) < 1e-12)
    }

    private static let everyMetric: [MetricDefinition] = [
        .exactMatch, .normalizedMatch, .accuracy, .macroF1, .tokenF1, .regularExpression("[a-z]+$"), .jsonField("a.b"),
        .numeric(tolerance: 0.5), .validOutput, .consistency(repeats: 2, examples: nil), .latency(percentile: .p95),
        .costPerThousandCalls, .tokensPerCall,
    ]

    private static let hostile = [
        "", "\0", "\u{202E}\u{200B}", String(repeating: "[", count: 100_000),
        String(repeating: "{\"a\":", count: 400) + "1",
        String(repeating: "9", count: 5000), "1" + String(repeating: ",000", count: 2000), "{\"a\": {\"b\": 1e999}}",
        String(repeating: "👩‍👩‍👧‍👦", count: 500), "{{text}} '; DROP TABLE sample; --", "\u{FFFD}\u{FEFF}",
    ]

    @Test("whatever a model answers gets a score of 0 to 1", arguments: everyMetric, hostile)
    func survives(_ metric: MetricDefinition, _ output: String) throws {
        for (expected, isJSON) in [("", true), ("label", false), ("{\"a\": {\"b\": 1}}", true), ("12", false)] {
            let score = try Scorer(metrics: [metric], asksJSON: isJSON)
                .score(metric, output: output, expected: expected, choices: isJSON ? nil : ["label"])
            #expect(score.map((0...1).contains) == true)
        }
    }

    @Test(
        "the right answer scores no less than a wrong one, and F1 is symmetric",
        arguments: ["a b c", "x", "one two two"])
    func properties(_ text: String) {
        for other in ["a", "b c", "two one", ""] {
            #expect(TokenOverlap.f1(output: text, expected: other) == TokenOverlap.f1(output: other, expected: text))
            #expect(TokenOverlap.f1(output: text, expected: text) >= TokenOverlap.f1(output: other, expected: text))
        }
    }

    @Test("metrics with different parameters have different names")
    func names() {
        let metrics: [MetricDefinition] =
            Self.everyMetric + [
                .regularExpression("b"), .jsonField("b"), .numeric(tolerance: 2),
                .consistency(repeats: 3, examples: nil),
                .latency(percentile: .p50),
            ]
        #expect(Set(metrics.map(\.name)).count == metrics.count)
    }
}
