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

    @Test("neither a name nor a reason is without end")
    func long() {
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
