import FledgeCore
import Testing

@Suite("The parts of JSON") struct JSONScannerTests {
    struct Text: CustomTestStringConvertible, Sendable {
        /// What stands between the quotes.
        var written: String
        var read: String?
        /// What it takes to be let through.
        var needs: JSONScanner.Texts = []
        var fault: JSONScanner.Fault
        /// Where the fault is, in bytes from the first quote.
        var place: Int

        var testDescription: String { written }
    }

    private static let odd = [
        Text(written: "a\nb", read: "a\nb", needs: .controls, fault: .controlCharacter, place: 2),
        Text(written: #"é\ud83d"#, read: "é\u{FFFD}", needs: .halfPairs, fault: .halfPair, place: 3),
        Text(written: #"\ude00b"#, read: "\u{FFFD}b", needs: .halfPairs, fault: .halfPair, place: 1),
        Text(written: #"\ud83d\u0041"#, read: "\u{FFFD}A", needs: .halfPairs, fault: .halfPair, place: 1),
        Text(written: #"\ud83d\ud83d\ude00"#, read: "\u{FFFD}😀", needs: .halfPairs, fault: .halfPair, place: 1),
        Text(written: #"a\u0000"#, read: "a\0", needs: .nul, fault: .nul, place: 2),
        Text(written: #"a\x"#, fault: .escapeUnknown, place: 3),
        Text(written: #"\u12g4"#, fault: .hexadecimalMissing, place: 5),
        Text(written: #"\ud83d\u1"#, fault: .hexadecimalMissing, place: 10),
    ]

    private static let all: [JSONScanner.Texts] = (0..<8).map { JSONScanner.Texts(rawValue: $0) }

    @Test(
        "a text with something odd in it is read by whom it is let through, and else has a fault in its place",
        arguments: odd)
    func texts(_ text: Text) throws {
        for allowed in Self.all {
            var scanner = JSONScanner(Array("\"\(text.written)\"".utf8), texts: allowed)
            if let read = text.read, allowed.isSuperset(of: text.needs) {
                #expect(try scanner.text() == read)
                #expect(scanner.next == nil)
            } else {
                #expect(throws: text.fault) { try scanner.text() }
                #expect(scanner.place == text.place)
            }
        }
    }

    @Test("what the end cuts off is not read beyond it", arguments: [#""a"#, #""a\"#, #""a\u00"#, "12.", "1e", "-"])
    func cutOff(_ written: String) {
        var scanner = JSONScanner(Array("\(written)1\"".utf8), texts: [])
        scanner.end -= 2
        #expect(throws: JSONScanner.Fault.self) {
            if scanner.next == UInt8(ascii: "\"") { _ = try scanner.text() } else { _ = try scanner.number() }
        }
        #expect(scanner.place == scanner.end)
    }

    @Test(
        "a number ends where its grammar does",
        arguments: [
            ("0", 1), ("9:", 1), ("0/", 1), ("10", 2), ("-0", 2), ("0.0e-0", 6), ("5.09", 4), ("-0.5e+7,", 7),
            ("12}", 2), ("1.10 ", 4), ("1E5x", 3), ("-1-", 2),
        ])
    func numbers(_ written: String, _ length: Int) throws {
        var scanner = JSONScanner(Array(written.utf8), texts: [])
        #expect(try scanner.number() == 0..<length)
    }

    @Test("a number that begins with 0 has a fault of its own", arguments: ["01", "-007", "00.5"])
    func leadingZeros(_ written: String) {
        var scanner = JSONScanner(Array(written.utf8), texts: [])
        #expect(throws: JSONScanner.Fault.leadingZero) { try scanner.number() }
    }

    @Test(
        "escapes are what the standard says they are",
        arguments: [
            (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"), (#"\u00e9\u00E9"#, "éé"), (#"\ud83d\ude00"#, "😀"),
            (#"\ud800\udc00"#, "\u{10000}"), (#"\udbff\udfff"#, "\u{10FFFF}"), (#"\ud7ff\ue000"#, "\u{D7FF}\u{E000}"),
            (#"\uD834\uDD1E."#, "\u{1D11E}."), (#"\u0001\uffff"#, "\u{1}\u{FFFF}"), (" \u{7F}", " \u{7F}"), ("", ""),
        ])
    func escapes(_ written: String, read: String) throws {
        var scanner = JSONScanner(Array("\"\(written)\"".utf8), texts: [])
        #expect(Array(try scanner.text().unicodeScalars) == Array(read.unicodeScalars))
        #expect(scanner.next == nil)
    }

    @Test("white space and words are passed, and nothing that resembles them")
    func words() {
        var scanner = JSONScanner(Array(" \n\r\t\u{B}true".utf8), texts: [])
        scanner.skipSpace()
        #expect(scanner.place == 4 && scanner.next == 0x0B)
        scanner.place = 5
        scanner.skipSpace()
        #expect(scanner.place == 5 && !scanner.starts(with: "truer") && !scanner.take(word: "trues"))
        #expect(scanner.starts(with: "true") && scanner.take("t") && !scanner.take("t") && scanner.place == 6)
        #expect(scanner.take(word: "rue") && scanner.next == nil && !scanner.take("e"))
        var cut = JSONScanner(Array("  true".utf8), from: 1, texts: [])
        cut.end = 5
        cut.skipSpace()
        #expect(cut.place == 2 && !cut.take(word: "true") && cut.take(word: "tru") && !cut.take("e"))
    }
}
