import FledgeCore
import Testing

@Suite("The first number of an answer")
struct NumericScorerTests {
    static let numbers: [(String, String?)] = [
        ("5", "5"), ("It is 42.", "42"), ("−5", "-5"), ("-5", "-5"), ("+5", "5"), ("$1,234.50", "1234.50"),
        ("-$5", "-5"),
        ("5%", "5"), ("5 kg", "5"), ("5kg", "5"), ("(5)", "5"), ("1e3", "1e3"), ("1.5e-3 m", "1.5e-3"), (".5", ".5"),
        ("x = -0.5", "-0.5"), ("H2O weighs 18 g", "18"), ("covid-19 took 3 years", "3"), ("1,234,567", "1234567"),
        ("**7**", "7"),
        ("It is 5, or so", "5"), ("5e", "5"), ("5-", "5"),
        ("1.234,50", nil), ("184,35", nil), ("1,23", nil), ("10:30", nil), ("3-4", nil), ("1/2", nil),
        ("2024-01-05", nil),
        ("1e+3", "1e+3"), ("1E-3", "1E-3"), ("2E5", "2E5"), ("1e+", "1"), ("1e-", "1"), ("5.", "5"), ("5,", "5"),
        ("v_5 of 3", "3"), ("a-5 or 7", "7"), ("-5 or 7", "-5"), ("€-5", "-5"), ("-€5", "-5"), ("− 5", "5"),
        ("a5", nil), ("x1.5", nil), ("0", "0"), ("9", "9"), ("-.5", "-.5"), (".", nil), ("5.x", "5"), ("..5", ".5"),
        ("5+3", "5"), ("5e3e", "5e3"), ("1,2345", nil), ("1234,567", nil), ("12,345.678e2", "12345.678e2"),
        ("5 3", "5"), ("5−3", nil), ("5’000", nil),
        ("1.2.3", nil), ("1'234", nil), ("none", nil), ("", nil), ("٣", nil), ("5–7", nil),
    ]

    @Test("what is one number is read, and what could be read in two ways is not", arguments: numbers)
    func reads(text: String, number: String?) {
        #expect(NumericScorer.firstNumber(in: text) == number)
    }

    static let pairs: [(String, String, Double, Bool)] = [
        ("1000000001", "1000000000", 0, false), ("9007199254740993", "9007199254740992", 0, false),
        ("0.3", "0.2", 0.1, true),
        ("0.31", "0.2", 0.1, false), ("1.10", "1.1", 0, true), ("1000000001", "1000000000", 1, true),
        ("−5", "5", 0, false),
        ("5", "−5", 1, false), ("5", "−5", 10, true), ("5", "6", -1, false), ("5", "none", 9, false),
        ("none", "5", 9, false), ("1e999", "1e998", 1, false), ("0.30000000000000001", "0.3", 1e-17, true),
        ("1e999", "1e999", 0, true), ("0.1", "0.3", 0.2, true),
    ]

    @Test("numbers are compared as decimals, to the last digit", arguments: pairs)
    func compares(output: String, expected: String, tolerance: Double, matches: Bool) {
        #expect(NumericScorer.matches(output: output, expected: expected, tolerance: tolerance) == matches)
    }
}
