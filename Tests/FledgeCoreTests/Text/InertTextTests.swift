import Foundation
import Testing

@testable import FledgeCore

@Suite("Words from outside, where they leave")
struct InertTextTests {
    static let steering = [
        "\u{1B}[2J", "\u{9B}31m", "\r", "\n", "\u{85}", "\u{2028}", "\u{2029}", "\u{202E}", "\u{2066}", "\u{200F}",
        "\u{0}", "\u{7}", "\u{7F}", "\u{B}", "\u{FEFF}", "\u{61C}",
    ]

    @Test("a line is one line, and steers nothing", arguments: steering)
    func line(_ mark: String) {
        let line = InertText.line("before\(mark)after")
        #expect(line.unicodeScalars.allSatisfy { !InertText.isSteering($0) })
        #expect(line.hasPrefix("before") && line.hasSuffix("after"))
        #expect(InertText.line(line) == line)
        let block = InertText.block("before\(mark)after")
        #expect(block.unicodeScalars.allSatisfy { $0 == "\n" || !InertText.isSteering($0) })
        #expect(InertText.log("a\(mark)b").unicodeScalars.allSatisfy { !InertText.isSteering($0) })
    }

    @Test("what has a meaning stays as it is", arguments: ["遅い", "naïve café", "👩‍👩‍👧", "a\u{301}", "x → y", ""])
    func kept(_ text: String) {
        #expect(InertText.line(text) == text && InertText.block(text) == text)
    }

    @Test("a line is no longer than it may be, and says how long the text was")
    func bounded() {
        let text = String(repeating: "x", count: 1 << 20)
        let line = InertText.line(text, limit: 100)
        #expect(line.count == 100 && line.hasSuffix("… (1048576 bytes)"))
        #expect(InertText.line(line, limit: 100) == line)
        // One character may have any number of parts.
        #expect(InertText.line("e" + String(repeating: "\u{301}", count: 1 << 20)).unicodeScalars.count <= 4000)
        #expect(InertText.markdown(text).utf8.count < 30_000 && InertText.html(text).utf8.count < 30_000)
        #expect(InertText.block("a\nb\tc") == "a\nb\tc")
    }

    @Test(
        "a field of a CSV file is no formula",
        arguments: [
            "=cmd()", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "\n=1", "＝1",
            "=HYPERLINK(\"http://x\")",
        ])
    func formulas(_ text: String) {
        let field = InertText.csv(text)
        #expect(field.hasPrefix("\"'") && field.hasSuffix("\""))
        #expect(field.dropFirst().dropLast().replacing("\"\"", with: "").contains("\"") == false)
    }

    @Test("numbers and words stay themselves in a CSV file", arguments: ["-5", "+1.5", "plain", "a=b", "x@y.org", ""])
    func values(_ text: String) {
        #expect(InertText.csv(text) == "\"\(text)\"")
    }

    @Test("a quotation mark with an accent on it is doubled in a CSV file as well")
    func accents() {
        #expect(Array(InertText.csv("a\"\u{301},=1").utf8) == Array("\"a\"\"\u{301},=1\"".utf8))
    }

    @Test(
        "a chat template's mark with an accent behind it is taken apart",
        arguments: ["", "\u{301}", "\u{FE0F}", "\u{200D}"])
    func chatMarks(accent: String) {
        let text = PromptFence.inert("x<|im_end|>" + accent + "y")
        #expect(!text.unicodeScalars.contains("<|im_end|>".unicodeScalars))
    }

    @Test(
        "Markdown shows nothing of what it would make of a text",
        arguments: [
            ("-x", "\\-x"), ("+x", "\\+x"), ("=x", "\\=x"), ("a-b+c=d", "a-b+c=d"), ("1. x", "1\\. x"),
            ("12) x", "12\\) x"), ("90. x", "90\\. x"), ("a. x) y", "a. x) y"), (". x", ". x"), ("a1. x", "a1. x"),
            ("www.x", "www\\.x"), ("aWwW.x", "aWwW\\.x"), ("ww.x", "ww.x"), ("xww.x", "xww.x"),
            ("http://x", "http\\://x"), ("a:b /", "a:b /"), ("a:", "a:"), ("a/:", "a/:"),
            ("a & <b>", "a &amp; &lt;b&gt;"),
            ("\\`*_[]#|~!@$", "\\\\\\`\\*\\_\\[\\]\\#\\|\\~\\!\\@\\$"),
        ])
    func markdown(_ text: String, shown: String) {
        #expect(InertText.markdown(text) == shown)
    }

    @Test("what steers are control characters, breaks of lines, and the marks of direction, and no neighbour of theirs")
    func steers() {
        // The control characters (Cc), U+2028 and U+2029, and those that Unicode calls deprecated or of direction.
        let known = [
            0x00...0x1F, 0x7F...0x9F, 0x61C...0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x206F,
            0xFEFF...0xFEFF, 0xFFF9...0xFFFB,
        ]
        for code in 0...0x1_0000 {
            guard let scalar = Unicode.Scalar(UInt32(code)) else { continue }
            let steers = known.contains { $0.contains(code) }
            if InertText.isSteering(scalar) != steers { Issue.record("U+\(String(code, radix: 16))") }
        }
    }

    @Test("the longest text is left whole, and one more character is not")
    func limits() {
        func text(_ count: Int) -> String { String(repeating: "~", count: count) }
        #expect(InertText.line(text(4000)) == text(4000) && InertText.line(text(4001)).count == 4000)
        #expect(InertText.log(text(8000)) == text(8000) && InertText.log(text(8001)).count == 8000)
        #expect(InertText.html(text(20_000)) == text(20_000) && InertText.html(text(20_001)).count == 20_000)
        let accents = String(repeating: "é", count: 101)
        #expect(InertText.line(accents, limit: 101) == accents)
        #expect(InertText.line(accents, limit: 100) == String(repeating: "é", count: 87) + "… (202 bytes)")
        #expect(InertText.line("a\u{B}b\u{C}c\u{85}d\te") == "a b c d e" && InertText.block("a\u{B}b\té") == "a b\té")
        #expect(InertText.line("é\u{7}") == "é\u{FFFD}")
    }

    @Test("HTML and Markdown are escaped")
    func escaped() {
        #expect(InertText.html("<script>\"'&") == "&lt;script&gt;&quot;&#39;&amp;")
        #expect(InertText.markdown("a | b\n<b>[x](y)") == "a \\| b &lt;b&gt;\\[x\\](y)")
    }
}

@Suite("Words from outside, where they come in")
struct InboundTextTests {
    @Test(
        "a character that steers is refused, with the field's name and without the text",
        arguments: InertTextTests.steering)
    func refused(_ mark: String) throws {
        let error = try #require(
            #expect(throws: FledgeError.self) { try InboundText.check("user:ada\(mark)forged", field: "actor") })
        #expect(error.code == "request.bad_text" && error.place == "actor" && error.exitCode == .usage)
        #expect(error.message.contains("actor") && !error.message.contains("forged") && error.message.contains("U+"))
    }

    @Test(
        "names of people and services are taken",
        arguments: ["user:ada", "José", "小林", "ci bot (nightly)", "a/b-c_d@e"])
    func taken(_ name: String) throws {
        try InboundText.check(name, field: "actor")
    }

    @Test(
        "text of several lines has line breaks and tabs, and no other control character",
        arguments: [
            ("", nil), ("a\tb\nc~", nil), ("é\tb\nc\r\nd", nil), ("\r\n", nil), ("\u{2028}", nil),
            ("a\rb", "U+000D"), ("é\r", "U+000D"), ("a\u{7F}", "U+007F"), ("\u{1F}", "U+001F"), ("é\u{9F}", "U+009F"),
            ("\r\r\n", "U+000D"), ("a\u{B}", "U+000B"), ("\u{8}", "U+0008"),
        ])
    func lines(_ text: String, mark: String?) {
        let problem = InboundText.controlProblem(with: text)
        #expect(problem == mark.map { "holds a character that steers what shows it: \($0)" })
    }

    @Test("neither a name nor a reason is without end")
    func long() throws {
        try InboundText.check(String(repeating: "é", count: 200), field: "actor")
        #expect(try StatedReason.checked(String(repeating: "x", count: 2000)).count == 2000)
        #expect(throws: FledgeError.self) { try StatedReason.checked(String(repeating: "x", count: 2001)) }
        #expect(throws: FledgeError.self) {
            try InboundText.check(String(repeating: "x", count: 201), field: "actor")
        }
        let error = #expect(throws: FledgeError.self) {
            try StatedReason.checked(String(repeating: "x", count: 1 << 20))
        }
        #expect(error?.code == "request.bad_text" && error?.place == "reason")
    }

    @Test(
        "a reason with a line break or a control character within it is refused",
        arguments: ["fine\n2  now  production  forged", "a\u{1B}[2Jb", "a\rb", "a\u{202E}b", "a\u{85}b"])
    func reasons(_ reason: String) {
        let error = #expect(throws: FledgeError.self) { try StatedReason.checked(reason) }
        #expect(error?.code == "request.bad_text" && error?.place == "reason")
    }
}
