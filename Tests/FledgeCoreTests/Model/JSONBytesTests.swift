import FledgeCore
import FledgeDocument
import Foundation
import Testing

@Suite("JSON written piece by piece")
struct JSONBytesTests {
    /// Each control character between others, what JSON or JavaScript treats apart, and letters of two to four bytes.
    private static let odd =
        ["", "plain", "\"\\/", "\\u0000", "ü🜁\u{2028}\u{2029}\u{FEFF}\u{7F}\u{85}", "e\u{301}\r\n", "\\", "👩‍👧"]
        + (0..<0x20).map { "a\(Character(UnicodeScalar(UInt8($0))))b" }

    @Test("a string is escaped as in canonical JSON, or as by JSONEncoder", arguments: odd)
    func strings(text: String) throws {
        var json = JSONBytes()
        json.string(text)
        #expect(json.text == CanonicalJSON.text(of: text))
        var short = JSONBytes(escapes: .short)
        short.string(text)
        #expect(short.text == (try Self.encoded(text)))
    }

    @Test(
        "a number is written as by JSONEncoder",
        arguments: [
            0, -0.0, -1, 0.7, 0.1 + 0.2, 1e-9, 12_345_678.5, 3e14, -0.25, 1e15, 1e16, -1e17, 9_007_199_254_740_993,
            1.7976931348623157e308, 5e-324,
        ])
    func numbers(value: Double) throws {
        var json = JSONBytes()
        json.number(value)
        #expect(json.text == (try Self.encoded(value)))
    }

    @Test("lists and objects have their commas and braces")
    func nested() {
        var json = JSONBytes()
        json.object([("a", [1, 2]), ("b", [])]) { list, json in json.array(list) { $1.raw("\($0)") } }
        #expect(json.text == #"{"a":[1,2],"b":[]}"#)
    }

    private static func encoded(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
