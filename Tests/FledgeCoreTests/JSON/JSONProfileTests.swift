import FledgeCore
import Foundation
import Testing

@Suite("Profiles of JSON")
struct JSONProfileTests {
    private struct Row: Codable, Hashable {
        var z = "a/b\0c"
        var at = Date(timeIntervalSince1970: 1_790_000_000.125)
        var upper = Double.infinity
        var list: [Int?] = [1, nil]
        var absent: Int?
    }

    @Test(
        "each has its dates, its numbers that JSON lacks, its slashes and its NUL",
        arguments: [
            (
                JSONProfile.canonical,
                #"{"at":811692800.125,"list":[1,null],"upper":"Infinity","z":"a/b\u0000c"}"#
            ),
            (.stored, #"{"at":"2026-09-21T14:13:20.125Z","list":[1,null],"upper":"Infinity","z":"a/b\ufffdc"}"#),
            (.wire, #"{"at":"2026-09-21T14:13:20.125Z","list":[1,null],"upper":"infinity","z":"a\/b\u0000c"}"#),
            (.exported, #"{"at":"2026-09-21T14:13:20Z","list":[1,null],"upper":"Infinity","z":"a/b\u0000c"}"#),
        ])
    func text(profile: JSONProfile, text: String) throws {
        #expect(try profile.text(of: Row()) == text)
        let read = try profile.value(Row.self, from: text)
        #expect(read.upper == .infinity && read.list == [1, nil] && read.absent == nil)
        #expect(abs(read.at.timeIntervalSince(Row().at)) < (profile == .exported ? 1 : 0.001))
    }

    @Test(
        "a request, and what other programs read, has no number that JSON lacks",
        arguments: [JSONProfile.openAI, .foreign])
    func refused(profile: JSONProfile) throws {
        #expect(throws: EncodingError.self) { try profile.data(of: [Double.nan]) }
        #expect(throws: DecodingError.self) { try profile.value([Double].self, from: #"["Infinity"]"#) }
        #expect(try profile.text(of: ["b": "x/y", "a": "\0"]) == #"{"a":"\u0000","b":"x/y"}"#)
    }

    @Test("every profile reads what it writes, also laid out for people", arguments: JSONProfile.allCases)
    func again(profile: JSONProfile) throws {
        let value = ["b": [1.5, -2], "a": [], "Ä": [1e300]]
        #expect(try profile.value([String: [Double]].self, from: profile.data(of: value)) == value)
        let indented = try profile.indentedText(of: value)
        #expect(indented.contains("\n"))
        #expect(try profile.value([String: [Double]].self, from: indented) == value)
    }

    @Test("keys stand in the order of their characters", arguments: JSONProfile.allCases)
    func order(profile: JSONProfile) throws {
        let value = Dictionary(uniqueKeysWithValues: ["b10", "b9", "B", "a_b", "aB", "a", "ä"].map { ($0, 1) })
        #expect(try profile.text(of: value) == #"{"B":1,"a":1,"aB":1,"a_b":1,"b10":1,"b9":1,"ä":1}"#)
    }

    @Test("a value that is not what is asked for is an error", arguments: JSONProfile.allCases)
    func unreadable(profile: JSONProfile) {
        for text in ["", "{", #"{"at":"yesterday"}"#, "[]"] {
            #expect(throws: DecodingError.self) { try profile.value(Row.self, from: text) }
        }
    }
}
