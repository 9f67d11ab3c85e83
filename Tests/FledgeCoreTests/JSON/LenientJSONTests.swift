import FledgeCore
import Foundation
import Testing

@Suite("JSON as servers write it")
struct LenientJSONTests {
    @Test(
        "what the standard allows is read as a decoder reads it",
        arguments: [
            "null", "true", " [ ] ", "{}", "0", "-12", "1.5", "1.25e1", "\"\"", "[1,[2,{\"a\":null}]]",
            #"{"a":"\u00fc \ud83d\ude00 \b\f\n\r\t\"\\\/","b":[true,false]}"#, "9223372036854775807",
        ])
    func standard(text: String) throws {
        let expected = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        #expect(LenientJSON.read(Array(text.utf8)) == expected)
    }

    @Test(
        "what is plain all the same is read too",
        arguments: [
            (#""a\ud83d""#, "a\u{FFFD}"), (#""\ude00b""#, "\u{FFFD}b"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
            (#""\ud83d\ud83d\ude00""#, "\u{FFFD}\u{1F600}"), (#""a\u0000""#, "a\0"), ("\"a\nb\"", "a\nb"),
        ])
    func lenient(text: String, expected: String) {
        #expect(LenientJSON.read(Array(text.utf8)) == .text(expected))
    }

    @Test("numbers that JSON lacks, bytes that are no UTF-8, a byte order mark and a key that stands twice")
    func odd() throws {
        #expect(LenientJSON.read(Array("-Infinity".utf8)) == .number(-.infinity))
        #expect(LenientJSON.read(Array("[Infinity]".utf8)) == .array([.number(.infinity)]))
        guard case .number(let value)? = LenientJSON.read(Array("NaN".utf8)) else {
            Issue.record("NaN is no number")
            return
        }
        #expect(value.isNaN)
        #expect(LenientJSON.read([0x22, 0x61, 0xFF, 0x22]) == .text("a\u{FFFD}"))
        #expect(LenientJSON.read([0xEF, 0xBB, 0xBF] + Array("1".utf8)) == .whole(1))
        #expect(LenientJSON.read(Array(#"{"a":1,"a":2}"#.utf8))?["a"] == .whole(2))
    }

    @Test(
        "what is no JSON, or is cut off, is not read",
        arguments: [
            "", " ", "<html>", "{", "[1,", "\"a", #"{"a":}"#, #"{"a" 1}"#, "[1] x", "tru", "-", #""\u12""#, "\"\\",
        ])
    func none(text: String) {
        #expect(LenientJSON.read(Array(text.utf8)) == nil)
    }

    @Test("nesting without end is refused")
    func deep() {
        #expect(LenientJSON.read(Array(repeating: UInt8(ascii: "["), count: 100_000)) == nil)
        let fine = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(LenientJSON.read(Array(fine.utf8)) != nil)
    }
}
