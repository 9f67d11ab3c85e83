import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@Suite("Data files") struct DatasetReaderTests {
    @Test("a row knows its number, its line, its group and the fields that were asked for")
    func rows() async throws {
        try await TemporaryDirectory.with { directory in
            let text = "text,label,customer,note\n\na, x ,c1,\n\"two\nlines\",y,c2,n\n"
            try text.write(toFile: directory + "/d.csv", atomically: true, encoding: .utf8)
            let contents = try DatasetReader().read(
                DataFixture.dataset("d.csv", group: "customer"), relativeTo: directory, keeping: ["note", "label"])
            #expect(contents.rows.map(\.row) == [1, 2] && contents.rows.map(\.line) == [3, 4])
            #expect(contents.rows.map(\.expected) == ["x", "y"] && contents.rows.map(\.group) == ["c1", "c2"])
            #expect(contents.rows.map(\.fields) == [["note": "", "label": " x "], ["note": "n", "label": "y"]])
            #expect([1, 2, 3].map { contents.line(ofRow: $0) } == [3, 4, 3])
            #expect(contents.fields == ["customer", "label", "note", "text"])
        }
    }

    @Test("lines may end in LF, CR LF or CR, and a byte order mark is passed over", arguments: ["\n", "\r\n", "\r"])
    func lineEnds(_ end: String) async throws {
        for (name, lines) in [
            ("d.csv", ["text,label", "a,x", "", "b,y"]),
            ("d.jsonl", [#"{"text": "a", "label": "x"}"#, " ", #"{"text": "b", "label": "y"}"#]),
        ] {
            for last in ["", end] {
                let contents = try await DataFixture.read(name, "\u{FEFF}" + lines.joined(separator: end) + last)
                #expect(contents.problems == [] && contents.pairs == [["a", "x"], ["b", "y"]])
                #expect(contents.rows.map(\.line) == (name == "d.csv" ? [2, 4] : [1, 3]))
            }
        }
    }

    @Test("a row without the group's field is a problem")
    func missingGroup() async throws {
        let contents = try await DataFixture.read("d.jsonl", #"{"text": "a", "label": "x"}"#, group: "customer")
        #expect(contents.problems == [.init(row: 1, line: 1, message: "has no field customer")])
        #expect(contents.rows.isEmpty)
    }

    @Test("a value of more than 16 MiB is a problem")
    func longValue() async throws {
        let contents = try await DataFixture.read(
            "d.csv", "text,label\n" + String(repeating: "a", count: 1 << 24 + 1) + ",x\nb,y\n")
        #expect(contents.pairs == [["b", "y"]])
        #expect(
            contents.problems.map(\.sentence) == [
                "row 1 (line 2) has 16777217 bytes in the field text; at most 16777216 are read"
            ])
    }

    @Test("a file that is not there, a folder and a name of no known kind are refused")
    func refused() async throws {
        let error = #expect(throws: FledgeError.self) {
            try DatasetReader().read(DataFixture.dataset("none.jsonl"), relativeTo: "/nowhere")
        }
        #expect(error?.code == "data.missing" && error?.place == "/nowhere/none.jsonl")
        try await TemporaryDirectory.with { directory in
            try FileManager.default.createDirectory(atPath: directory + "/d.csv", withIntermediateDirectories: false)
            let error = #expect(throws: FledgeError.self) {
                try DatasetReader().read(DataFixture.dataset("d.csv"), relativeTo: directory)
            }
            #expect(error?.code == "data.unreadable")
        }
        for name in ["d.parquet", "d", "d.json"] {
            let error = await DataFixture.refusal(name, Array("x".utf8))
            #expect(error?.code == "data.unknown_format" && error?.hint != nil)
        }
    }

    @Test("an empty file has no rows and no problem", arguments: ["d.jsonl", "d.csv", "d.tsv"])
    func empty(_ name: String) async throws {
        for text in ["", "\n", "\u{FEFF}", "\r\n\n"] {
            let contents = try await DataFixture.read(name, text)
            #expect(contents.rows.isEmpty && contents.problems.isEmpty && contents.fields.isEmpty)
        }
    }
}
