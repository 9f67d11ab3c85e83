import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@Suite struct DatasetReaderTests {
    private static func dataset(_ path: String, group: String? = nil) -> DatasetDefinition {
        DatasetDefinition(path: path, inputs: ["text"], expected: "label", group: group)
    }

    private static func read(_ name: String, _ bytes: Data, group: String? = nil) async throws -> DatasetContents {
        try await TemporaryDirectory.with { directory in
            try bytes.write(to: URL(fileURLWithPath: directory + "/" + name))
            return try DatasetReader().read(dataset(name, group: group), relativeTo: directory)
        }
    }

    private static func read(_ name: String, _ text: String, group: String? = nil) async throws -> DatasetContents {
        try await read(name, Data(text.utf8), group: group)
    }

    @Test("a JSONL file gives every problem at once, each with its line")
    func badLines() async throws {
        let contents = try await Self.read(
            "data.jsonl",
            """
            {"text": "a", "label": "x"}
            not json
            {"label": "x"}

            {"text": "b", "label": "  "}
            {"text": "c"}
            {"text": {"deep": 1}, "label": "x"}
            [1]
            {"text": 7, "label": true, "extra": null}
            """)
        #expect(contents.rows.map(\.row) == [1, 9])
        #expect(contents.rows.last?.inputs == ["text": "7"] && contents.rows.last?.expected == "true")
        #expect(
            contents.problems == [
                .init(row: 2, message: "is not a JSON object with plain values"),
                .init(row: 3, message: "has no field text"),
                .init(row: 5, message: "has an empty label"), .init(row: 6, message: "has no field label"),
                .init(row: 7, message: "is not a JSON object with plain values"),
                .init(row: 8, message: "is not a JSON object with plain values"),
            ])
    }

    @Test("a CSV file gives every problem at once, each with its record")
    func badRecords() async throws {
        let contents = try await Self.read("data.csv", "text,label\na,x\nb\nc,\n\"d, \"\"e\"\"\",y\n")
        #expect(contents.rows.map(\.inputs) == [["text": "a"], ["text": "d, \"e\""]])
        #expect(Set(contents.problems.map(\.row)) == [2, 3])
    }

    @Test("a row of a CSV file knows the line that it begins on")
    func recordLines() async throws {
        let contents = try await Self.read("data.csv", "text,label\na,x\n\"two\nlines, \"\"quoted\"\"\",y\nc,z\n")
        #expect(contents.rows.map(\.row) == [1, 2, 3])
        #expect(contents.rows.map { contents.line(ofRow: $0.row) } == [2, 3, 5])
        let lines = try await Self.read("data.jsonl", "\n" + #"{"text": "a", "label": "x"}"#)
        #expect(lines.rows.map { lines.line(ofRow: $0.row) } == [2])
    }

    @Test("a header that names a column twice is a problem")
    func duplicateHeader() async throws {
        let contents = try await Self.read("data.csv", "text,label,text\na,x,b\n")
        #expect(contents.problems == [.init(row: 0, message: "the header names the column text 2 times")])
    }

    @Test("lines may end in CR LF, and a byte order mark is passed over", arguments: ["data.jsonl", "data.csv"])
    func otherSystems(_ name: String) async throws {
        let lines =
            name.hasSuffix("csv")
            ? ["text,label", "a,x", "b,y"] : [#"{"text": "a", "label": "x"}"#, #"{"text": "b", "label": "y"}"#]
        let contents = try await Self.read(name, "\u{FEFF}" + lines.joined(separator: "\r\n") + "\r\n")
        #expect(contents.problems == [])
        #expect(contents.rows.map(\.inputs) == [["text": "a"], ["text": "b"]])
        #expect(contents.rows.map(\.expected) == ["x", "y"])
    }

    @Test("a row without the group's field is a problem")
    func missingGroup() async throws {
        let contents = try await Self.read("data.jsonl", #"{"text": "a", "label": "x"}"#, group: "customer")
        #expect(contents.problems == [.init(row: 1, message: "has no field customer")])
        #expect(contents.rows.isEmpty)
    }

    @Test(
        "a file that cannot be read as data is refused with a code",
        arguments: [
            ("data.jsonl", Data([0x7B, 0xFF, 0x7D]), "data.not_utf8"),
            ("data.csv", Data([0xC3, 0x28]), "data.not_utf8"),
            ("data.parquet", Data("x".utf8), "data.unknown_format"), ("data", Data("x".utf8), "data.unknown_format"),
        ])
    func refused(_ name: String, _ bytes: Data, _ expected: String) async throws {
        let found = await code { _ = try await Self.read(name, bytes) }
        #expect(found == expected)
    }

    @Test("a file that is not there is refused with a code, and its path")
    func missing() throws {
        let error = #expect(throws: FledgeError.self) {
            try DatasetReader().read(Self.dataset("none.jsonl"), relativeTo: "/nowhere")
        }
        #expect(error?.code == "data.missing" && error?.place == "/nowhere/none.jsonl")
    }

    @Test("an empty file has no rows and no problem", arguments: ["data.jsonl", "data.csv"])
    func empty(_ name: String) async throws {
        let contents = try await Self.read(name, "")
        #expect(contents.rows.isEmpty && contents.problems.isEmpty)
    }
}
