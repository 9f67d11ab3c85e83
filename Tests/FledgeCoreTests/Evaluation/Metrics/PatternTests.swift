import FledgeCore
import FledgeDocument
import Foundation
import Synchronization
import Testing

@Suite("Patterns") struct PatternTests {
    private static let megabyte = 1_000_000

    private static func repeated(_ word: String, _ length: Int = megabyte) -> String {
        String(repeating: word, count: length / word.utf8.count) + "!"
    }

    private static func search(
        _ output: String, _ pattern: String, _ limit: Pattern.Limit = Pattern.Limit()
    ) throws -> Pattern.Outcome {
        try RegularExpressionScorer.search(output, for: Pattern(pattern), within: limit)
    }

    /// Patterns that would take longer than anybody lives, or nearly, on answers of a megabyte and a little less.
    static let hopeless: [(pattern: String, word: String, length: Int)] = [
        ("(a+)+b", "a", megabyte), ("^(a+)+\u{1}", "a", megabyte), ("(a|aa)+b", "a", megabyte),
        ("(a|a?)+b", "a", megabyte), ("(.*a){20}$", "a", megabyte), ("(a*)*b", "a", megabyte),
        ("([a-z]+)*\\d", "a", megabyte), ("(\\w+\\s?)*\u{1}", "ab ", megabyte), ("(x+x+)+y", "x", megabyte),
        ("(?s).*.*.*.*.*x", "a\n", megabyte), ("((a{1,100}){1,100}){1,100}b", "a", megabyte),
        ("(([\\p{L}\\p{N}]*)*)*x", "a", megabyte), ("^(\\d+|\\d+\\.)*x", "1", megabyte),
        ("\\X*\\X*\\X*b", "e\u{301}", megabyte), ("^(a+)+$", "a", 64),
    ]

    @Test("a search that would not end is given up after so many steps, and is unknown", arguments: hopeless)
    func givenUp(pattern: String, word: String, length: Int) throws {
        // So many would be a second; a hundredth of them does here.
        #expect(try Self.search(Self.repeated(word, length), pattern, Pattern.Limit(steps: 60)) == .unknown)
    }

    @Test(
        "where steps are dear, time ends a search before their number does",
        arguments: ["(?i)(.+)(.+)\\1\u{1}", "^(.*)(.*)(.*)\\1\\2x", "((?>.*)x|.)*y"])
    func time(pattern: String) throws {
        let clock = ClockOfSteps(secondsForEach: 0.3)
        let limit = Pattern.Limit(steps: .max, processorSeconds: { clock.seconds })
        #expect(try Self.search(Self.repeated("a", 10_000), pattern, limit) == .unknown)
        #expect(clock.readings <= 6)
    }

    @Test(
        "where the engine may have given up without a word, nothing is known",
        arguments: [
            "^(a+)+b", "^(?:a|a)*b", "^(?:\(String(repeating: "()", count: 400))a|a)*b", "^((((((((a+))))))))+b",
        ])
    func silent(pattern: String) throws {
        #expect(try Self.search(Self.repeated("a", 40), pattern, Pattern.Limit(steps: .max)) == .unknown)
    }

    private static func words(_ count: Int) -> String { (1...count).map { "word\($0)" }.joined(separator: "|") }

    @Test(
        "a choice of many words is looked for in a long answer to its end",
        arguments: [
            ("(?s)\\A(?!.*(?:\(words(40))))", 4_000, Pattern.Outcome.found),
            ("(?s)\\A(?!.*(?:\(words(120))))", 500, .found), ("(?s)^.*(?:\(words(40)))", 4_000, .absent),
            ("(?s)^.*(?:\(words(400)))!", 4_000, .absent),
        ])
    func choices(pattern: String, length: Int, outcome: Pattern.Outcome) throws {
        #expect(try Self.search(Self.repeated("some text of none ", length), pattern) == outcome)
    }

    @Test("what must not be found is not taken for missing where the search for it was given up")
    func negated() throws {
        #expect(try Self.search(Self.repeated("a", 40), "^(?!(a+)+b)", Pattern.Limit(steps: .max)) == .unknown)
    }

    @Test("what takes the square of an answer's length is known")
    func square() throws {
        #expect(try Self.search(Self.repeated("a", 9_999), "[a-z]+$") == .absent)
        #expect(try Self.search(Self.repeated("a", 9_999), "[a-z]+!$") == .found)
    }

    @Test("a search that runs out of memory for backtracking is unknown, and not a miss")
    func memory() throws {
        let groups = String(repeating: "(", count: 60) + "a|b" + String(repeating: ")", count: 60)
        #expect(try Self.search(Self.repeated("a", 10_000), "^(?:\(groups))*$") == .unknown)
    }

    @Test("a character of a megabyte is looked at no further than a text is")
    func giant() throws {
        let output = "a" + String(repeating: "\u{301}", count: 500_000) + "b"
        #expect(try Self.search(output, "b") == .absent)
        #expect(try Self.search(output, "^a") == .found)
    }

    /// The patterns of the repository, and some for what engines differ in, on texts that they are found in or not.
    static let dialect: [(String, String)] = [
        ("[0-9]{3}", "code 123."), ("^[0-9]{3}$", "1234"), ("^b$", "a\nb\nc"), ("é+", "caféé"), ("[a-z]+$", "abc\r\n"),
        (#"^\d+$"#, "12"), (#"^\d+$"#, "x\u{2028}12"), ("^$", ""), ("^$", "a"), ("x", ""), (#"\bfoo\b"#, "a foo b"),
        ("(?i)ß", "STRASSE"), ("a.c", "a\nc"), ("(?s)a.c", "a\nc"), ("👩", "👩‍👩‍👧‍👦"), (#"^\s*\{.*\}\s*$"#, "{\"a\": 1}\n"),
        (#"\p{Lu}"#, "É"), (#"(a)(b)?\2"#, "ab"), ("[[:alpha:]]", "1a"), (#"\h"#, "\t"), ("$^", "\n"),
        (#"(?<y>\d{4})-\k<y>"#, "2020-2020"), (#"\Qa.b\E"#, "a.b"), ("^b", "a\u{85}b"), ("b$", "b\u{85}"),
        ("(?<=a)b", "ab"), ("(?!a)b", "ab"), ("a++a", "aaa"), ("[a-z&&[^b]]", "b"), (#"\Aa\z"#, "a\n"),
        (#"\Aa\Z"#, "a\n"),
        ("(?x) a b", "ab"), ("x", String(repeating: "y", count: 9_999) + "x"),
        ("x", String(repeating: "y", count: 10_000) + "x"),
        (#"\N{LATIN SMALL LETTER A}"#, "a"), (#"\u0061"#, "a"), ("(?m)^a", "b\na"), ("(?-m)^a", "b\na"),
    ]

    @Test("means what it did when Foundation searched for it", arguments: dialect)
    func asBefore(pattern: String, output: String) throws {
        let expression = try NSRegularExpression(pattern: pattern, options: [.anchorsMatchLines])
        let text = String(output.prefix(10_000))
        let isFound = expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
        #expect(try Self.search(output, pattern) == (isFound ? .found : .absent))
        #expect(
            try Scorer().score(.regularExpression(pattern), output: output, expected: "", choices: nil)
                == (isFound ? 1 : 0))
    }

    @Test(
        "a pattern that no engine knows is none",
        arguments: ["(", "a{2,1}", "[", "\\", "*", "", "(?<a", "\\p{Nonsense}"])
    func malformed(pattern: String) {
        #expect(throws: Pattern.Problem.malformed) { try Pattern(pattern) }
        #expect(!RegularExpressionScorer.compiles(pattern))
    }

    static let troubles: [(String, PatternTrouble?)] = [
        (String(repeating: "[\\p{L}]", count: 1_000), .tooLong(units: 7_000)),
        ("(a)" + String(repeating: "(?=\\1)", count: 17), .tooManyReferences),
        ("(?<n>a)" + String(repeating: "\\k<n>|\\X", count: 9), .tooManyReferences),
        ("(a)\\1 \\\\1 \\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d", nil),
        ("(a+)+$", .slow(on: "aaa…!")), ("(b|bb)+$", .slow(on: "bbb…!")), ("^(\\d+|\\d+\\.)*$", .slow(on: "111…!")),
        ("[a-z]+$", nil), ("^\\s*\\{.*\\}\\s*$", nil), ("[0-9]{3}", nil), ("(yes|no)\\b", nil), ("(", nil),
    ]

    @Test("check knows beforehand what will take too long", arguments: troubles)
    func trouble(pattern: String, expected: PatternTrouble?) throws {
        #expect(try RegularExpressionScorer.trouble(with: pattern) == expected)
    }

    @Test("a gate is neither passed nor failed by answers that a pattern took too long over")
    func gate() throws {
        let metric = MetricDefinition.regularExpression("(a+)+$")
        func measured(found: Int, absent: Int, unknown: Int) -> [CriterionEvaluator.Measured] {
            (0..<(found + absent + unknown)).map { index in
                let scores: [String: Double] =
                    index < found
                    ? [metric.name: 1] : index < found + absent ? [metric.name: 0] : [Sample.unread(metric.name): 1]
                return CriterionEvaluator.Measured(
                    sample: Sample(
                        candidate: Digest(of: "c"), example: ExampleID(Int64(index)), repeat: 0, output: "a",
                        errorCode: nil, scores: scores, promptTokens: 1, cachedTokens: 0, completionTokens: 1,
                        latencyMicroseconds: 1, costMicroDollars: 0, fromCache: false), group: "\(index)")
            }
        }
        func judged(_ measured: [CriterionEvaluator.Measured]) -> CriterionResult {
            CriterionEvaluator(measured: measured, looks: 1).judge(
                CriterionDefinition(metric: metric, bound: .atLeast(0.8)))
        }
        #expect(judged(measured(found: 300, absent: 0, unknown: 0)).verdict == .passed)
        let open = judged(measured(found: 300, absent: 0, unknown: 100))
        #expect(open.verdict == .inconclusive && open.count == 300 && open.value == 1)
        #expect(open.detail?.contains("match of /(a+)+$/ took too long over 100 of 400 answers") == true)
        #expect(judged(measured(found: 0, absent: 300, unknown: 30)).verdict == .failed)
        let none = judged(measured(found: 0, absent: 0, unknown: 300))
        #expect(
            none.verdict == .inconclusive && none.value == nil && none.detail?.contains("[pattern.given_up]") == true)
    }

    @Test(
        "a slice is turned down for answers that miss, not for those that a pattern took too long over",
        arguments: [0.0, nil])
    func slice(_ score: Double?) throws {
        let metric = MetricDefinition.regularExpression("(a+)+$")
        let measured = (0..<200).map { index in
            let isOdd = index >= 100
            let scores: [String: Double] =
                isOdd ? score.map { [metric.name: $0] } ?? [Sample.unread(metric.name): 1] : [metric.name: 1]
            return SliceEvaluator.Measured(
                fields: ["language": isOdd ? "de" : "en"], group: "\(index)",
                sample: Sample(
                    candidate: Digest(of: "c"), example: ExampleID(Int64(index)), repeat: 0, output: "a",
                    errorCode: nil,
                    scores: scores, promptTokens: 1, cachedTokens: 0, completionTokens: 1, latencyMicroseconds: 1,
                    costMicroDollars: 0, fromCache: false), champion: nil)
        }
        let results = try SliceEvaluator(measured: measured, share: 1, primary: metric).judge(
            SlicesDefinition(fields: ["language"]),
            criteria: [CriterionDefinition(metric: metric, bound: .atLeast(0.8))])
        #expect(results.contains { $0.finding == .vetoed } == (score == 0))
    }
}

/// A clock that a reading moves on.
private final class ClockOfSteps: Sendable {
    private let secondsForEach: Double
    private let state = Counter()

    init(secondsForEach: Double) { self.secondsForEach = secondsForEach }

    var seconds: Double { Double(state.next()) * secondsForEach }
    var readings: Int { state.count }
}

private final class Counter: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
