import FledgeCore
import Testing

@Suite("JSON written piece by piece")
struct JSONBytesTests {
    /// Each control character between others, what JSON or JavaScript treats apart, and letters of two to four bytes.
    private static let odd =
        ["", "plain", "\"\\/", "\\u0000", "ü🜁\u{2028}\u{2029}\u{FEFF}\u{7F}\u{85}", "e\u{301}\r\n", "\\", "👩‍👧"]
        + (0..<0x20).map { "a\(Character(UnicodeScalar(UInt8($0))))b" }

    /// Those that are written by hand.
    private static let profiles = [JSONProfile.canonical, .stored, .openAI]

    @Test("a string is escaped as by its profile", arguments: odd, profiles)
    func strings(text: String, profile: JSONProfile) throws {
        #expect(try JSONBytes.string(text, profile) == profile.text(of: text))
    }

    @Test(
        "a number is written as by its profile",
        arguments: [
            0, -0.0, -1, 0.7, 0.1 + 0.2, 1e-9, 12_345_678.5, 3e14, -0.25, 1e15, 1e16, -1e17, 9_007_199_254_740_993,
            1.7976931348623157e308, 5e-324,
        ], profiles)
    func numbers(value: Double, profile: JSONProfile) throws {
        var json = JSONBytes(profile)
        json.number(value)
        #expect(json.text == (try profile.text(of: value)))
    }

    @Test(
        "a number that JSON lacks is the profile's text for it, or null",
        arguments: [Double.infinity, -.infinity, .nan])
    func notFinite(value: Double) throws {
        for profile in [JSONProfile.canonical, .stored] {
            var json = JSONBytes(profile)
            json.number(value)
            #expect(json.text == (try profile.text(of: value)))
        }
        var json = JSONBytes(.openAI)
        json.number(value)
        #expect(json.text == "null")
        #expect(throws: EncodingError.self) { try JSONProfile.openAI.text(of: value) }
    }

    @Test("lists and objects have their commas and braces")
    func nested() {
        var json = JSONBytes(.canonical)
        json.object([("a", [1, 2]), ("b", [])]) { list, json in json.array(list) { $1.raw("\($0)") } }
        #expect(json.text == #"{"a":[1,2],"b":[]}"#)
    }
}
