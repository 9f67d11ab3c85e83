import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// A file of data: its first byte says which kind of file it is, and what the definition asks of it.
enum DatasetTarget {
    private static let kinds: [UInt8: String] = [
        UInt8(ascii: "c"): "csv", UInt8(ascii: "t"): "tsv", UInt8(ascii: "j"): "jsonl",
    ]

    static func run(_ bytes: [UInt8]) {
        // A capital letter asks for more fields.
        guard let first = bytes.first, let kind = kinds[first | 0x20] else { return }
        let asksMore = first & 0x20 == 0
        let contents = Array(bytes.dropFirst())
        guard let read = read(contents, kind, asksMore) else { return }
        check(read, lines: lines(of: contents))
        writeAnew(read, asksMore)
        // A byte order mark and the encoding change nothing.
        if let text = String(validating: contents, as: UTF8.self), !contents.starts(with: [0xEF, 0xBB, 0xBF]),
            !text.isEmpty, text.unicodeScalars.first != "\u{FEFF}"
        {
            expectSame(Self.read([0xEF, 0xBB, 0xBF] + contents, kind, asksMore), read, "with a byte order mark")
            let wide = ("\u{FEFF}" + text).utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
            // Two NUL characters at the beginning look like UTF-32.
            if text.unicodeScalars.first != "\0" { expectSame(Self.read(wide, kind, asksMore), read, "in UTF-16") }
        }
    }

    private static func read(_ bytes: [UInt8], _ kind: String, _ asksMore: Bool) -> DatasetContents? {
        let file = ScratchFolder.write(bytes, to: "data.\(kind)")
        let dataset = DatasetDefinition(
            path: file.lastPathComponent, inputs: asksMore ? ["text", "more"] : ["text"], expected: "label",
            preferences: asksMore ? PreferencesDefinition(chosen: "better", rejected: "worse") : nil,
            group: asksMore ? "customer" : nil)
        do {
            return try DatasetReader().read(
                dataset, relativeTo: ScratchFolder.url.path, keeping: asksMore ? ["language"] : [])
        } catch {
            guard let error = error as? FledgeError else { fatalError("not as it has to be: \(error)") }
            expectTelling(error)
            expect(error.exitCode == .badData, "\(error.code) is not the data's fault")
            expect(error.place?.hasPrefix(file.path) == true, "\(error.code) has no place")
            return nil
        }
    }

    private static func check(_ contents: DatasetContents, lines: Int) {
        var (lastRow, lastLine) = (0, 0)
        for row in contents.rows {
            expect(row.row > lastRow && row.line > lastLine, "rows in another order")
            (lastRow, lastLine) = (row.row, row.line)
            expect(row.line <= lines, "row \(row.row) on line \(row.line) of \(lines)")
            expect(contents.line(ofRow: row.row) == row.line, "row \(row.row) on two lines")
            expect(row.expected == AnswerText.trimmed(row.expected) && !row.expected.isEmpty, "an answer with blanks")
            expect(!row.expected.utf8.contains(0), "a NUL character")
            if let preference = row.preference { expect(preference.chosen != preference.rejected, "none is better") }
        }
        for problem in contents.problems {
            expect((1...max(1, lines)).contains(problem.line), "a problem on line \(problem.line) of \(lines)")
            expect(problem.row >= 0 && !problem.message.isEmpty, "a problem without words")
        }
        let rows = Set(contents.rows.map(\.row))
        expect(!contents.problems.contains { rows.contains($0.row) }, "a row that is read has a problem")
        expect(contents.fields == Set(contents.fields).sorted(), "fields in another order")
    }

    /// The rows, written as JSON lines and as a table, are read as the same.
    private static func writeAnew(_ contents: DatasetContents, _ asksMore: Bool) {
        guard !contents.rows.isEmpty else { return }
        let rows = contents.rows.map { row in
            var values = row.inputs.merging(row.fields) { first, _ in first }
            values["label"] = row.expected
            values["customer"] = row.group
            values["better"] = row.preference?.chosen
            values["worse"] = row.preference?.rejected
            return values
        }
        let lines = rows.map { values -> String in
            let members = values.sorted { $0.key < $1.key }.map { name, value -> String in
                JSONBytes.string(name, .wire) + ":" + JSONBytes.string(value, .wire)
            }
            return "{" + members.joined(separator: ",") + "}\n"
        }.joined()
        expectSame(read(Array(lines.utf8), "jsonl", asksMore), contents, "as JSON lines", numbered: false)
        // A table has a value for each column.
        let columns = rows[0].keys.sorted()
        guard rows.allSatisfy({ $0.keys.sorted() == columns }) else { return }
        func line(_ values: [String]) -> String {
            values.map { "\"" + $0.replacingScalars(of: "\"", with: "\"\"") + "\"" }.joined(separator: ",") + "\r\n"
        }
        let table = line(columns) + rows.map { row in line(columns.map { row[$0] ?? "" }) }.joined()
        expectSame(read(Array(table.utf8), "csv", asksMore), contents, "as a table", numbered: false)
    }

    private static func expectSame(
        _ other: DatasetContents?, _ contents: DatasetContents, _ how: String, numbered: Bool = true
    ) {
        guard let other else { fatalError("not read at all \(how)") }
        expect(other.rows.count == contents.rows.count, "\(other.rows.count) rows of \(contents.rows.count) \(how)")
        for (left, right) in zip(other.rows, contents.rows) {
            expect(!numbered || left.row == right.row && left.line == right.line, "another number \(how)")
            expect(left.inputs == right.inputs, "other inputs \(how): \(left.inputs) for \(right.inputs)")
            expect(left.expected == right.expected, "another answer \(how)")
            expect(left.group == right.group && left.fields == right.fields, "other fields \(how)")
            expect(left.preference == right.preference, "another preference \(how)")
        }
        if numbered { expect(other.problems.count == contents.problems.count, "other problems \(how)") }
    }

    /// However its lines end, in whichever encoding.
    private static func lines(of bytes: [UInt8]) -> Int { bytes.count { $0 == 0x0A || $0 == 0x0D } + 1 }
}
