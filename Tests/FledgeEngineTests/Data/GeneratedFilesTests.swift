import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

/// Generated files against Python's `csv` and `json`.
///
/// Fledge gives the rows that Python gives, on the same lines, or refuses with a line. It refuses, and has to refuse:
///
/// - a file that is no text in its encoding; and, beyond Python, text with NUL that looks like UTF-16 without a byte order
///   mark,
/// - a CSV record that `csv` refuses in its strict mode (text behind a closing quote, a quote that never closes), one
///   that has not as many fields as the header, one with NUL, one without an answer,
/// - every row below a header that lacks a field of the definition or names one twice,
/// - a line that `json` does not read as one object of plain values, NaN and Infinity, a name given twice, a lone
///   surrogate, NUL, a missing field, an empty answer,
/// - what follows the first object that goes on over several lines, and a file that is one array.
@Suite("Generated data files") struct GeneratedFilesTests {
    private struct Tally {
        var rows = 0
        var refusedRows = 0
        var refusedFiles = 0
    }

    private struct Difference: Error { var what: String }

    @Test("10,000 generated files are read as Python reads them, or refused with a line", .timeLimit(.minutes(15)))
    func againstPython() async throws {
        try await TemporaryDirectory.with { directory in
            let folder = directory + "/files"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            let files = (1...10_000).map { GeneratedDataFile(seed: $0) }
            for file in files { try Data(file.bytes).write(to: URL(filePath: "\(folder)/\(file.name)")) }
            let python = try await PythonReading.all(in: folder, output: directory + "/python.jsonl")
            var tally = Tally()
            var differences: [String] = []
            for file in files {
                let reading = try #require(python[file.name])
                do throws(Difference) {
                    try Self.compare(file, reading, in: folder, &tally)
                } catch {
                    differences.append("\(file.name): \(error.what)")
                }
            }
            #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(10).joined(separator: "\n"))")
            #expect(tally.rows > 20_000 && tally.refusedRows > 5_000 && tally.refusedFiles > 500, "\(tally)")
        }
    }

    private static func compare(
        _ file: GeneratedDataFile, _ python: PythonReading, in folder: String, _ tally: inout Tally
    ) throws(Difference) {
        let dataset = DatasetDefinition(path: file.name, inputs: ["text"], expected: "label", group: "group")
        let contents: DatasetContents
        do {
            contents = try DatasetReader().read(dataset, relativeTo: folder)
        } catch {
            guard let error = error as? FledgeError else { throw Difference(what: "\(error)") }
            tally.refusedFiles += 1
            try expect(error.code == "data.not_utf8", "\(error)")
            try expect(!python.readable || file.bytes.contains(0), "refused, and Python reads it: \(error)")
            try expect(error.place?.contains(/:[1-9][0-9]*$/) == true, "refused without a line: \(error)")
            return
        }
        try expect(python.readable, "read, and Python can't")
        try expect(contents.problems.allSatisfy { $0.line > 0 }, "a problem without a line")
        let records: [(row: Int, record: PythonReading.Record, values: [String: String])]
        if file.name.hasSuffix(".jsonl") {
            let stop = contents.problems.first { $0.row == 0 }?.line ?? Int.max
            try expect(stop == Int.max || python.records.contains { $0.line == stop && $0.isFaulty }, "stopped early")
            records = python.records.filter { $0.line < stop }.map { ($0.line, $0, $0.members) }
        } else {
            guard try header(contents, python) else { return }
            records = python.records.enumerated().map { index, record in
                let isWhole = record.fields.count == python.header?.count
                let pairs = isWhole ? Array(zip(python.header ?? [], record.fields)) : []
                return (index + 1, record, Dictionary(pairs) { first, _ in first })
            }
        }
        try compareRows(contents, records, &tally)
    }

    /// Whether rows are to be compared below the header.
    private static func header(_ contents: DatasetContents, _ python: PythonReading) throws(Difference) -> Bool {
        let header = python.header ?? []
        try expect(Set(contents.fields) == Set(header).subtracting([""]), "header \(contents.fields), not \(header)")
        let whole = contents.problems.filter { $0.row == 0 }
        let isTwice =
            Set(header).count < header.count
            && header.contains { name in
                !name.isEmpty && header.count { $0 == name } > 1
            }
        let lacks = !header.isEmpty && !Set(["text", "label", "group"]).isSubset(of: header)
        try expect(whole.isEmpty == !(isTwice || lacks || python.faulty), "problems of the header: \(whole)")
        if lacks { try expect(contents.rows.isEmpty, "rows without a field") }
        return !lacks
    }

    private static func compareRows(
        _ contents: DatasetContents, _ records: [(row: Int, record: PythonReading.Record, values: [String: String])],
        _ tally: inout Tally
    ) throws(Difference) {
        let problems = Dictionary(contents.problems.filter { $0.row > 0 }.map { ($0.row, $0) }) { first, _ in first }
        var rows = contents.rows.makeIterator()
        for (number, record, values) in records {
            let answer = values["label"].map(AnswerText.trimmed) ?? ""
            let isSound = !record.isFaulty && !answer.isEmpty && values["text"] != nil && values["group"] != nil
            guard isSound else {
                tally.refusedRows += 1
                guard let problem = problems[number] else { throw Difference(what: "row \(number) is not refused") }
                // A quote may open some lines behind the record's beginning.
                try expect(problem.line >= record.line, "row \(number) is on line \(record.line), not \(problem.line)")
                continue
            }
            tally.rows += 1
            guard let row = rows.next() else {
                throw Difference(what: "row \(number) is missing, \(problems[number]?.message ?? "")")
            }
            try expect(
                row.row == number && row.line == record.line,
                "row \(number), line \(record.line): \(row.row), \(row.line)")
            for (read, written) in [
                (row.inputs["text"], values["text"]), (row.expected, answer), (row.group, values["group"]),
            ] {
                try expect(
                    read.map { Array($0.utf8) } == written.map { Array($0.utf8) }, "row \(number) has other text")
            }
        }
        try expect(rows.next() == nil, "more rows than Python reads")
        try expect(problems.count + contents.rows.count == records.count, "problems of rows that Python does not read")
    }

    private static func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws(Difference) {
        if !condition { throw Difference(what: what()) }
    }
}
