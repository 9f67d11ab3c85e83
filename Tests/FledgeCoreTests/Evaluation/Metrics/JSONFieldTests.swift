import FledgeCore
import FledgeDocument
import Foundation
import Testing

@Suite("A JSON field is right when it means the same")
struct JSONFieldTests {
    /// Values as JSON: those of a row mean the same, and those of two rows never do.
    static let numbers: [[String]] = [
        ["184.35", "184.350", "1.8435e2", "18435E-2", "\"184.35\"", "\" 184.35 \""],
        ["18435", "1.8435e4", "\"18435\""],
        ["-184.35", "-1.8435E+2"], ["\"184,35\""], ["\"$184.35\""], ["\"184.35 %\"", "\"184.35%\""], ["184.36"],
        ["0.1", "1e-1", "\"0.1\"", "\".1\""], ["1", "1.0", "1.00", "\"1\""], ["-1", "\"-1\""], ["10", "1e1"],
        ["12345678901234567890", "1234567890123456789e1"], ["12345678901234567891"], ["0", "-0", "0.0", "0e5"],
        ["9007199254740993"], ["9007199254740992"], ["0.30000000000000004"], ["0.3"], ["1e400"], ["1e401"],
        ["\"1,234.50\""],
    ]
    static let texts: [[String]] = [
        ["\"Paris\"", "\"paris\"", "\" PARIS. \"", "\"\\u0050aris\""], ["\"$U\"", "\"$u\""], ["\"U\"", "\"u\""],
        ["\"C\""],
        ["\"C++\"", "\"c++\""], ["\"C#\""], ["\"<5\""], ["\">5\""], ["\"2024-01-05\""], ["\"2024/01/05\""],
        ["\"20240105\""],
        ["\"sign in\"", "\"sign-in\""], ["\"10:30\""], ["\"10.30\""], ["true", "\"true\"", "\"True\""],
        ["false", "\"false\""],
        ["null", "\"null\""], ["\"\""], ["[1, 2]", "[1.0,2]"], ["[2, 1]"], ["[]"], ["{}"],
        ["{\"x\": 1, \"y\": \"a\"}", "{\"y\": \"A\", \"x\": 1.0}"], ["{\"x\": 1}"], ["\"naïve\""], ["\"naive\""],
    ]

    private static func agree(_ given: String, _ wanted: String) -> Bool {
        let expected = #"{"id": 7, "value": \#(wanted)}"#
        let score = try? Scorer(metrics: [.jsonField("value")]).score(
            .jsonField("value"), output: #"{"value": \#(given), "more": [1]}"#, expected: expected, choices: nil)
        return score == 1
    }

    @Test("of more than a thousand pairs, exactly those that mean the same agree", arguments: [numbers, texts])
    func pairs(rows: [[String]]) {
        var pairs = 0
        for (row, given) in rows.enumerated().flatMap({ row, values in values.map { (row, $0) } }) {
            for (other, wanted) in rows.enumerated().flatMap({ row, values in values.map { (row, $0) } }) {
                // Two texts are compared as texts, not as numbers: ".1" and "0.1" are written differently.
                let areTexts = given.hasPrefix("\"") && wanted.hasPrefix("\"")
                let isNumberRow = rows == Self.numbers
                guard !(areTexts && isNumberRow && row == other) else { continue }
                #expect(Self.agree(given, wanted) == (row == other), "\(given) and \(wanted)")
                pairs += 1
            }
        }
        #expect(pairs > 900)
    }

    @Test("random decimals agree when the standard's decimal arithmetic says so")
    func decimals() throws {
        var random = SplitMix64(seed: 11)
        func number() -> String {
            let digits = String(random.next(below: 2000))
            let point = Int(random.next(below: UInt64(digits.count + 1)))
            let fraction = digits.dropFirst(point)
            let zeros = String(repeating: "0", count: Int(random.next(below: 3)))
            let whole = point == 0 ? "0" : String(Int(digits.prefix(point)) ?? 0)
            let exponent = random.next(below: 3) == 0 ? "e\(Int(random.next(below: 5)) - 2)" : ""
            return (random.next(below: 4) == 0 ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction + zeros)
                + exponent
        }
        var agreeing = 0
        for _ in 0..<1000 {
            let (left, right) = (number(), random.next(below: 2) == 0 ? number() : "")
            let value = try #require(Decimal(string: left))
            let other = right.isEmpty ? "\(value)" : right
            let areSame = value == Decimal(string: other)
            #expect((ExactDecimal(left) == ExactDecimal(other)) == areSame, "\(left) and \(other)")
            #expect(Self.agree(left, other) == areSame, "\(left) and \(other)")
            if areSame { agreeing += 1 }
        }
        #expect(agreeing > 400 && agreeing < 900)
    }

    static let exact: [(String, String, Bool)] = [
        ("1.10", "1.10", true), ("1.10", "1.1", false), ("\"a\"", "\"A\"", false), ("\"1\"", "1", false),
        ("true", "true", true),
        ("\"a b\"", "\"a  b\"", false), ("null", "null", true), ("[1]", "[1]", true), ("[1]", "[1.0]", false),
    ]

    @Test("an exact field is compared as it is written", arguments: exact)
    func exactly(given: String, wanted: String, agrees: Bool) throws {
        let metric = MetricDefinition.jsonField("v", .exact)
        let score = try Scorer(metrics: [metric]).score(
            metric, output: #"{"v": \#(given)}"#, expected: #"{"v": \#(wanted)}"#, choices: nil)
        #expect((score == 1) == agrees)
    }

    @Test("values of the data that are alike are kept apart in the field too")
    func values() {
        let scorer = Scorer(labels: [#"{"v": "it"}"#, #"{"v": "IT"}"#], metrics: [.jsonField("v")])
        func score(_ given: String, _ wanted: String) -> Double? {
            try? scorer.score(
                .jsonField("v"), output: #"{"v": "\#(given)"}"#, expected: #"{"v": "\#(wanted)"}"#, choices: nil)
        }
        #expect(score("IT", "IT") == 1 && score("it", "IT") == 0 && score("It", "it") == 0)
    }

    static let replies: [(String, Double)] = [
        (#"{"v": 1}"#, 1), ("```json\n{\"v\": 1}\n```", 1), (#"Here: {"v": 1}."#, 1), (#"{"v": 1} {"v": 2}"#, 0),
        (#"{"v": 1"#, 0), (#"{"v": 1, "w": {"v": 1}"#, 0), (#"{"v": 1, "v": 2}"#, 0),
        (#"{"v": 1, "v": 1.0, "w": 2}"#, 0),
        (#"{"v": 1, "v": 1}"#, 1), ("1", 0), ("", 0), (#"{"v": 1}}"#, 0), ("{\"v\": NaN}", 0), (#"[{"v": 1}]"#, 0),
    ]

    @Test("an answer has to hold one JSON object, whole", arguments: replies)
    func isRead(reply: String, score: Double) throws {
        let scorer = Scorer(metrics: [.jsonField("v")])
        #expect(try scorer.score(.jsonField("v"), output: reply, expected: "1", choices: nil) == score)
    }

    static let validity: [(String, Bool)] = [
        (#"{"v": 1}"#, true), ("```json\n{\"v\": 1}\n```", true), ("```\n[]\n```", true), (#"{"v": 1"#, false),
        (#"{"v": "a"#, false),
        ("yes", false), ("", false), (#"{"v": 1} and more"#, false), ("{'v': 1}", false), (#"{"v": 1,}"#, false),
        ("```json\n{\"v\": 1", false), (#"{"v": 01}"#, false), ("{\"v\": \"a\nb\"}", false),
        (#"{"v": "\ud83d"}"#, true),
    ]

    @Test("where JSON is asked for, an answer is well-formed when it is JSON", arguments: validity)
    func valid(reply: String, isValid: Bool) throws {
        let score = try Scorer(asksJSON: true).score(.validOutput, output: reply, expected: "", choices: nil)
        #expect((score == 1) == isValid)
    }

    @Test("a field that neither side has agrees, and one that only one side has does not")
    func missing() {
        let scorer = Scorer(metrics: [.jsonField("v")])
        func score(_ given: String, _ wanted: String) -> Double? {
            try? scorer.score(.jsonField("v"), output: given, expected: wanted, choices: nil)
        }
        #expect(score("{}", #"{"w": 1}"#) == 1 && score(#"{"v": null}"#, #"{"w": 1}"#) == 1)
        #expect(score(#"{"v": 1}"#, #"{"w": 1}"#) == 0 && score("{}", #"{"v": 1}"#) == 0)
    }
}
