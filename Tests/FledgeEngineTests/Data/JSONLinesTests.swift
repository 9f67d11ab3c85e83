import FledgeCore
import FledgeEngine
import Testing

@Suite("JSON Lines files") struct JSONLinesTests {
    @Test(
        "a value is kept as the file writes it",
        arguments: [
            ("1.10", "1.10"), ("1.0", "1.0"), ("-0", "-0"), ("1e5", "1e5"), ("2E-3", "2E-3"), ("19.90", "19.90"),
            ("12345678901234567890", "12345678901234567890"), ("0.1000000000000000055511", "0.1000000000000000055511"),
            ("7", "7"), ("true", "true"), ("false", "false"), (#""1.10""#, "1.10"), (#""C:\\x""#, #"C:\x"#),
            (#""\u00e9\ud83d\ude00\/""#, "é😀/"), ("\"a\u{2028}b\u{85}c\"", "a\u{2028}b\u{85}c"),
            (#""\"\b\f\n\r\t""#, "\"\u{8}\u{C}\n\r\t"),
        ])
    func values(_ written: String, _ expected: String) async throws {
        let contents = try await DataFixture.read("d.jsonl", "{\"text\":\(written),\"label\" : \"x\"}")
        #expect(contents.problems == [])
        #expect(contents.pairs.map { Array($0[0].utf8) } == [Array(expected.utf8)])
    }

    @Test("ids above 2⁶³ stay apart")
    func bigNumbers() async throws {
        let lines = (0..<60).map { #"{"text": "m", "label": "x", "who": 100000000000000000\#(10 + $0)}"# }
        let contents = try await DataFixture.read("d.jsonl", lines.joined(separator: "\n"), group: "who")
        #expect(Set(contents.rows.map(\.group)).count == 60)
    }

    @Test(
        "a row that is wrong is named by its line, with what is wrong",
        arguments: [
            ("not json", "is not a JSON object"), ("[1]", "is not a JSON object"), ("7", "is not a JSON object"),
            (#"{"label": "x"}"#, "has no field text"), (#"{"text": null, "label": "x"}"#, "has no field text"),
            (#"{"text": "b", "label": "  "}"#, "has an empty label"),
            (#"{"text": "b", "label": "x", "label": "y"}"#, "names the field label twice"),
            (#"{"text": "b", "label": "x", "n": 1, "\u006e": 1}"#, "names the field n twice"),
            (#"{"text": {"deep": 1}, "label": "x"}"#, "has an object in the field text"),
            (#"{"text": "b", "label": "x", "tags": ["a"]}"#, "has an array in the field tags"),
            (#"{"text": NaN, "label": "x"}"#, "has NaN in the field text"),
            (#"{"text": -Infinity, "label": "x"}"#, "has -Infinity in the field text"),
            (#"{"text": "\ud800", "label": "x"}"#, "has half a pair of surrogates in the field text, at column 11"),
            (#"{"text": "\ud800\u0041", "label": "x"}"#, "has half a pair of surrogates"),
            (#"{"text": "\u0000", "label": "x"}"#, "has a NUL character in the field text"),
            ("{\"text\": \"a\tb\", \"label\": \"x\"}", "has a control character in a text, at column 12"),
            (#"{"text": 007, "label": "x"}"#, "has a number that begins with 0 in the field text"),
            (#"{"text": 1., "label": "x"}"#, "is not JSON: at column 12 should stand a digit"),
            (#"{"text": +1, "label": "x"}"#, "should stand a value"),
            (#"{"text": None, "label": "x"}"#, "should stand a value"),
            (#"{'text': "a", "label": "x"}"#, "at column 2 should stand a name in quotes"),
            (#"{"text": "a" "label": "x"}"#, "should stand a comma or }"),
            (#"{"text": "a", "label": "x",}"#, "at column 28 should stand a name in quotes"),
            (#"{"text": "a", "label": "x"},"#, "has a comma behind its object"),
            (#"{"text": "a", "label": "x"} {}"#, "has more behind its object"),
            (#"{"text": "a", "label": "x"#, "ends before its object does"),
            (#"{"text": "\x", "label": "x"}"#, "behind a backslash"),
        ])
    func badRows(_ line: String, _ message: String) async throws {
        let sound = #"{"text": "a", "label": "x"}"#
        let contents = try await DataFixture.read("d.jsonl", "\(sound)\n\(line)\n\(sound)\n")
        #expect(contents.pairs == [["a", "x"], ["a", "x"]])
        #expect(contents.problems.map(\.row) == [2] && contents.problems.map(\.line) == [2])
        #expect(contents.problems[0].message.contains(message), "\(contents.problems[0].message)")
    }

    @Test("an object over several lines, and an array, are told once, with the command that mends it")
    func otherJSON() async throws {
        let pretty = "{\n  \"text\": \"a\",\n  \"meta\": {\n    \"n\": 1\n  },\n  \"label\": \"x\"\n}\n"
        for (text, line, says) in [
            (pretty + pretty, 1, "jq -c . d.jsonl > d-lines.jsonl"),
            ("{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": \"a\",\n\"label\": \"x\"}\n", 2, "several lines"),
            ("\n[\n{\"text\": \"a\", \"label\": \"x\"}\n]\n", 2, "jq -c '.[]' d.jsonl > d-lines.jsonl"),
            (#"[{"text": "a", "label": "x"}]"#, 1, "one JSON array"),
        ] {
            let contents = try await DataFixture.read("d.jsonl", text)
            #expect(contents.problems.map(\.line) == [line] && contents.problems.map(\.row) == [0])
            #expect(contents.problems[0].message.contains(says), "\(contents.problems[0].message)")
        }
        let rows = try await DataFixture.read("d.jsonl", "[\"a\", \"x\"]\n[\"b\", \"y\"]\n")
        #expect(rows.problems.map(\.message) == ["is not a JSON object", "is not a JSON object"])
        // The next row is not the value that a line lacks.
        let cut = try await DataFixture.read(
            "d.jsonl", "{\"text\": \"a\", \"label\":\n{\"text\": \"b\", \"label\": \"y\"}")
        #expect(cut.pairs == [["b", "y"]] && cut.problems.map(\.row) == [1])
    }
}
