import FledgeCore
import FledgeEngine
import Testing

@Suite("CSV files") struct CSVFileTests {
    @Test(
        "a file is read as the standard's grammar says",
        arguments: [
            // Text behind the header, and the rows.
            ("a,x\n", [["a", "x"]]),
            ("\"d, \"\"e\"\"\",y\n", [["d, \"e\"", "y"]]),
            ("\"two\r\nlines\",x", [["two\r\nlines", "x"]]),
            ("5\" pipe,bug\n\"5\"\" pipe\",bug", [["5\" pipe", "bug"], ["5\" pipe", "bug"]]),
            ("a \"b\" c,x", [["a \"b\" c", "x"]]),
            ("\"\",x\n,y", [["", "x"], ["", "y"]]),
            (" a , x ", [[" a ", "x"]]),
            ("a\u{200D},\u{200D}x", [["a\u{200D}", "\u{200D}x"]]),
            ("\"\u{FE0F} a, b\",\u{64B}x", [["\u{FE0F} a, b", "\u{64B}x"]]),
            ("a\u{2028}b\u{85}c\u{0B}d,x", [["a\u{2028}b\u{85}c\u{0B}d", "x"]]),
            ("a,x\n\n   \n\t\nb,y\n\n", [["a", "x"], ["b", "y"]]),
        ])
    func grammar(_ text: String, _ expected: [[String]]) async throws {
        let contents = try await DataFixture.read("d.csv", "text,label\n" + text)
        #expect(contents.problems == [])
        #expect(contents.pairs.map { $0.map { Array($0.utf8) } } == expected.map { $0.map { Array($0.utf8) } })
    }

    @Test("an empty last field at the end of the file is a field")
    func lastEmptyField() async throws {
        let contents = try await DataFixture.read("d.csv", "text,label,notes\na,x,\nb,y,")
        #expect(contents.problems == [] && contents.pairs == [["a", "x"], ["b", "y"]])
    }

    @Test("every record that is wrong is named, with the line that it begins on")
    func badRecords() async throws {
        let contents = try await DataFixture.read(
            "d.csv", "text,label\na,x\nb\nc,\nd,e,f\n\"g\n\n\",x\n\"h\"i,x\n \"j, k\",x\nl,\0\nm,y\n")
        #expect(contents.pairs == [["a", "x"], ["g\n\n", "x"], ["m", "y"]])
        let delimiter = "has 3 fields, the header 2: "
        #expect(
            contents.problems == [
                .init(row: 2, line: 3, message: "has 1 field, the header 2"),
                .init(row: 3, line: 4, message: "has an empty label"),
                .init(row: 4, line: 5, message: delimiter + "a field that holds a comma stands in quotes"),
                .init(
                    row: 6, line: 9,
                    message: "has text behind a closing quote: a quote inside a quoted field is doubled"),
                .init(
                    row: 7, line: 10,
                    message: delimiter
                        + "a quote counts only at the very beginning of a field, without a space before it"),
                .init(row: 8, line: 11, message: "has a NUL byte, which cannot be stored"),
            ])
    }

    @Test("a quote that never closes is named by the line that it opens on")
    func unclosedQuote() async throws {
        let contents = try await DataFixture.read("d.csv", "text,label\na,x\nb,\"y\nc,x\nd,y\n")
        #expect(contents.pairs == [["a", "x"]])
        #expect(
            contents.problems == [
                .init(row: 2, line: 3, message: "opens a quote on line 3 that never closes; nothing behind it was read")
            ])
        // The quote of another line closes it, and gives it away.
        let closed = try await DataFixture.read("d.csv", "text,label\n\"a, b,x\n\"c, d\",y\n\"e\",z\n")
        #expect(closed.pairs == [["e", "z"]])
        #expect(closed.problems.map(\.line) == [2] && closed.problems[0].message.contains("on line 3"))
    }

    @Test(
        "another separator is known by the header, or by what the first line says",
        arguments: [
            ("d.csv", "text;label\na, b;x"), ("d.csv", "label\ttext\nx\ta, b"), ("d.csv", "text|label\na, b|x"),
            ("d.tsv", "text\tlabel\na, b\tx"), ("d.csv", "sep=;\ntext;label\na, b;x"),
            ("d.csv", "\"sep=;\"\r\ntext;label\r\na, b;x"), ("d.csv", "SEP=^\ntext^label\na, b^x"),
            ("d.tsv", "sep=,\ntext,label\n\"a, b\",x"), ("d.csv", "id;text;label\n1,5;a, b;x"),
            ("d.csv", "\n\ntext,label\n\"a, b\",x"), ("d.csv", ",text,label,,\n0,\"a, b\",x,,"),
        ])
    func separators(_ name: String, _ text: String) async throws {
        let contents = try await DataFixture.read(name, text)
        #expect(contents.problems == [] && contents.pairs == [["a, b", "x"]])
        #expect(contents.fields.contains("text") && !contents.fields.contains(""))
    }

    @Test(
        "a header without the definition's fields says what it names, once",
        arguments: [
            ("Text,Label\na,x\nb,y", ["the header has no field label: it names Text, Label"]),
            ("Text;Label\na;x", ["the header has no field label: it names Text, Label"]),
            (
                "Export,\n,\ntext,label\na,x",
                [
                    "the header has no field label: it names Export",
                    "the header seems to be on line 3: remove the lines above it",
                ]
            ),
        ])
    func wrongHeader(_ text: String, _ messages: [String]) async throws {
        let contents = try await DataFixture.read("d.csv", text)
        #expect(contents.rows.isEmpty && contents.problems.allSatisfy { $0.row == 0 })
        #expect(contents.problems.map(\.message).filter { !$0.contains("no field text") } == messages)
    }

    @Test("a header that names a column twice is a problem")
    func duplicateHeader() async throws {
        let contents = try await DataFixture.read("d.csv", "\ntext,label,text\na,x,b\n")
        #expect(
            contents.problems == [.init(row: 0, line: 2, message: "the header names the column text 2 times")])
    }
}
