import FledgeCore
import Testing

@Suite("No two labels of the data are the same answer")
struct LabelComparisonTests {
    static let sets: [[String]] = [
        ["C", "C++", "C#"], ["<5", ">5", "=5", "≠5", "≤5"], ["$5", "5%", "5", "€5", "5°"], ["-1", "0", "1"],
        ["👍 good", "👎 good", "good"], ["sign-in", "sign in", "signin"], ["billing", "billing\u{200B}"],
        ["it", "IT", "It"], ["re-sign", "resign"], ["resume", "résumé"], ["A-", "A", "A+", "a"],
        ["1.5", "15", "1,5", "1:5"],
        ["true", "TRUE", "True"], ["!x", "x"], ["yes", "yes.", "yes!", "\"yes\""], ["*", "**", "***"], [":)", ":("],
        ["[0, 5]", "(0, 5)", "[0, 5)"], ["5'", "5\"", "5"], ["a_b", "a b", "a-b"], ["x²", "x2", "x"], ["½", "1/2"],
        ["👍", "👍🏽", "👍\u{FE0F}"], ["Ⅳ", "IV", "iv"], ["n/a", "na", "N/A"], ["++", "+", "--", "-"], ["R&D", "RD", "R D"],
        ["10-20", "10 20", "1020"], ["ｃ", "c"], ["ß", "ss", "SS"], ["/", "\\", "|"], ["№5", "#5", "@5"],
        ["5*", "5**", "5"],
        ["-0", "0", "+0"], ["''", "\"\"", "''''"], ["a  b", "a b"], ["a\u{00A0}b", "ab"], ["", "?"],
        ["(5)", "5", "-5"],
        ["state-of-the-art", "state of the art"], ["3 - 4", "3 / 4", "3 4"], ["\u{2212}1", "1"], ["–1", "1"],
    ]

    @Test("an answer agrees with the label that it is, and with no other", arguments: sets)
    func apart(labels: [String]) {
        let comparison = LabelComparison(labels)
        for label in labels {
            #expect(labels.filter { comparison.agree(label, with: $0) } == [label])
            #expect(labels.filter { comparison.agree(" \(label)\n", with: $0) } == [label])
        }
    }

    @Test("whatever the answer, it agrees with one label at most", arguments: sets)
    func atMostOne(labels: [String]) {
        let comparison = LabelComparison(labels)
        for label in labels {
            for answer in [
                label.lowercased(), label.uppercased(), "\(label).", "\"\(label)\"", "**\(label)**", "(\(label))",
                "- \(label)",
                "\(label)!", label.filter { $0.isLetter || $0.isNumber }, String(label.dropFirst()), "`\(label)`",
            ] {
                #expect(labels.count { comparison.agree(answer, with: $0) } <= 1, "\(answer)")
            }
        }
    }

    static let lenient: [(String, String)] = [
        ("Spam.", "spam"), ("  The  answer: PARIS! ", "the answer paris"), ("\"C++\"", "C++"), ("**C#**", "C#"),
        ("C++.", "C++"),
        ("`billing`", "billing"), ("sign-in", "sign in"), ("don't", "don t"), ("(b)", "b"), ("[5%]", "5%"),
        ("−1", "-1"),
        ("sci / tech", "Sci/Tech"), ("spam\u{200B}", "spam"), ("👍\u{FE0F}", "👍"), ("“Paris”", "paris"),
        ("- spam", "spam"),
        ("the **right** one", "the right one"), ("well – known", "well known"), ("R & D", "r&d"), ("\"5.\"", "5"),
        ("C++!", "c++"), ("* spam", "spam"), ("¿qué?", "qué"),
    ]

    @Test("what surrounds a label, and its case, do not matter where no other label is like it", arguments: lenient)
    func isLenient(answer: String, expected: String) {
        let comparison = LabelComparison([expected, "other"])
        // A bullet of one star is no emphasis.
        #expect(comparison.agree(answer, with: expected) == (answer != "* spam"))
        #expect(comparison.form(of: expected) == .meaning)
    }

    static let different: [(String, String)] = [
        ("-1", "1"), ("- 1", "1"), ("$5", "5"), ("5%", "5"), ("C", "C++"), ("C", "C#"), ("<5", ">5"),
        ("184,35", "184.35"),
        (".1", "1"), ("U", "$U"), ("1.5", "15"), ("10:30", "10.30"), ("A", "A-"), ("!x", "x"), ("3/4", "3-4"),
        ("x = 1", "x ≠ 1"),
        ("+", "-"), ("good :)", "good :("), ("not spam", "spam"), ("", "?"), ("@home", "home"), ("6'", "6\""),
        ("−5", "5"),
    ]

    @Test("marks that carry meaning count also where nobody says what the labels are", arguments: different)
    func tellsApart(answer: String, expected: String) {
        let comparison = LabelComparison([])
        #expect(!comparison.agree(answer, with: expected))
        #expect(!comparison.agree(expected, with: answer))
    }

    @Test("a form is stricter than those before it")
    func nested() {
        let texts =
            Self.sets.flatMap { $0 } + Self.lenient.flatMap { [$0.0, $0.1] } + Self.different.flatMap { [$0.0, $0.1] }
        for left in texts {
            for right in texts {
                var agreed = true
                for form in AnswerForm.allCases {
                    let agrees = form.of(left) == form.of(right)
                    #expect(agreed || !agrees, "\(left) and \(right) agree as \(form), and not before")
                    agreed = agrees
                }
            }
        }
    }

    @Test("the labels that are alike are named, and only they are compared more strictly")
    func alike() {
        let comparison = LabelComparison(["sign in", "sign-in", "it", "IT", "Billing", "C", "C++", "it"])
        #expect(comparison.alike == [["IT", "it"], ["sign in", "sign-in"]])
        #expect(comparison.form(of: "Billing") == .meaning && comparison.form(of: "it") == .plain)
        #expect(comparison.form(of: "sign-in") == .caseless)
        #expect(comparison.agree("billing.", with: "Billing") && comparison.agree("IT.", with: "IT"))
        #expect(!comparison.agree("It", with: "IT") && !comparison.agree("It", with: "it"))
    }

    @Test(
        "an answer of any size is compared in a moment",
        arguments: ["(", "[", "\"", "*", ".", "-", "a ", "\u{200B}", "!"])
    func large(piece: String) {
        let text = String(repeating: piece, count: 50_000)
        let comparison = LabelComparison([text, "x"])
        #expect(comparison.agree(text, with: text) && !comparison.agree(text, with: "x"))
        #expect(!comparison.agree("x", with: text + String(repeating: ")", count: 50_000)))
    }
}
