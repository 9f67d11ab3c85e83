import FledgeCore
import FledgeDocument
import Foundation
import SwiftCSV

/// A row of a data file, before it has a split.
package struct DatasetRow: Codable, Hashable, Sendable {
    /// The line of a JSONL file, or the record of a CSV file (the header is not counted), from 1.
    package var row: Int
    package var inputs: [String: String]
    package var expected: String
    package var group: String?
    /// Further fields that were asked for; a row may lack them.
    package var fields: [String: String]

    package init(
        row: Int, inputs: [String: String], expected: String, group: String?, fields: [String: String] = [:]
    ) {
        self.row = row
        self.inputs = inputs
        self.expected = expected
        self.group = group
        self.fields = fields
    }
}

/// What reading a data file gave: rows, and every problem at once.
package struct DatasetContents: Sendable {
    package struct Problem: Hashable, Sendable {
        package var row: Int
        package var message: String

        package init(row: Int, message: String) {
            self.row = row
            self.message = message
        }
    }

    package var rows: [DatasetRow]
    /// Every field that the file's rows have.
    package var fields: [String]
    package var problems: [Problem]
    package var sha256: Digest
    package var path: String
    /// The line that each record of a CSV file begins on, the header's first; nil where rows are lines.
    package var recordLines: [Int]?

    package init(
        rows: [DatasetRow], fields: [String], problems: [Problem], sha256: Digest, path: String,
        recordLines: [Int]? = nil
    ) {
        self.recordLines = recordLines
        self.rows = rows
        self.fields = fields
        self.problems = problems
        self.sha256 = sha256
        self.path = path
    }

    /// The line of the file that a row begins on.
    package func line(ofRow row: Int) -> Int {
        guard let recordLines else { return row }
        return recordLines.indices.contains(row) ? recordLines[row] : row
    }
}

/// Reads a CSV or JSONL file of labelled rows.
package struct DatasetReader: Sendable {
    /// Larger files are refused rather than read into memory.
    package static let maximumBytes = 1 << 30

    package init() {}

    /// - Parameters:
    ///   - directory: what a relative path in the definition is relative to.
    ///   - kept: fields that are kept beside inputs and expected answer.
    /// - Throws: `data.missing`, `data.unreadable`, `data.too_large`, `data.unknown_format` (all exit 65).
    package func read(
        _ dataset: DatasetDefinition, relativeTo directory: String, keeping kept: [String] = []
    ) throws(FledgeError) -> DatasetContents {
        let url = URL(fileURLWithPath: dataset.path, relativeTo: URL(fileURLWithPath: directory, isDirectory: true))
        let path = url.standardizedFileURL.path
        let data = try contents(of: path)
        // A byte order mark is no part of the first field's name.
        let body = data.starts(with: [0xEF, 0xBB, 0xBF]) ? data.dropFirst(3) : data
        guard let text = String(validating: body, as: UTF8.self) else {
            throw FledgeError(
                "data.not_utf8", "the data file is not UTF-8", place: path,
                hint: "convert it, for example with iconv -t UTF-8", exitCode: .badData)
        }
        let records: [(row: Int, fields: [String: String])]
        var header: [String] = []
        var problems: [DatasetContents.Problem] = []
        switch url.pathExtension.lowercased() {
        case "jsonl", "ndjson": records = JSONLines.records(of: text, problems: &problems)
        case "csv": (records, header) = try csvRecords(of: text, path: path, problems: &problems)
        default:
            throw FledgeError(
                "data.unknown_format", "the data file is neither .jsonl nor .csv", place: path,
                hint: "name a JSONL or CSV file in Dataset(…)", exitCode: .badData)
        }
        let rows = records.compactMap { record in
            var row = row(from: record.fields, number: record.row, dataset: dataset, problems: &problems)
            for field in kept { row?.fields[field] = record.fields[field] }
            return row
        }
        return DatasetContents(
            rows: rows, fields: Set(records.flatMap(\.fields.keys)).union(header).sorted(),
            problems: problems.sorted { ($0.row, $0.message) < ($1.row, $1.message) }, sha256: Digest(of: data),
            path: path, recordLines: header.isEmpty ? nil : recordLines(of: text))
    }

    /// The lines on which records begin: a line feed inside quotes ends none.
    private func recordLines(of text: String) -> [Int] {
        var lines = [1]
        var line = 1
        var isQuoted = false
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            guard byte == UInt8(ascii: "\n") else { continue }
            line += 1
            if !isQuoted { lines.append(line) }
        }
        return lines
    }

    private func contents(of path: String) throws(FledgeError) -> Data {
        guard FileManager.default.fileExists(atPath: path) else {
            throw FledgeError(
                "data.missing", "there is no data file at this path", place: path,
                hint: "paths in Dataset(…) are relative to the definition's folder", exitCode: .badData)
        }
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        guard size <= Self.maximumBytes else {
            throw FledgeError(
                "data.too_large", "the data file has \(size) bytes; at most \(Self.maximumBytes) are read", place: path,
                hint: "sample it down: a few thousand rows are plenty", exitCode: .badData)
        }
        do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw FledgeError(
                "data.unreadable", "the data file cannot be read", place: path, hint: "check its permissions",
                exitCode: .badData)
        }
    }

    private func csvRecords(
        of text: String, path: String, problems: inout [DatasetContents.Problem]
    ) throws(FledgeError) -> (records: [(row: Int, fields: [String: String])], header: [String]) {
        let table: CSV<Enumerated>
        do { table = try CSV<Enumerated>(string: text, delimiter: .comma, loadColumns: false) } catch {
            throw FledgeError(
                "data.bad_csv", "the CSV file cannot be read: \(error)", place: path,
                hint: "check quotes: a quote inside a quoted field is doubled", exitCode: .badData)
        }
        let header = table.header
        for (name, count) in Dictionary(grouping: header, by: { $0 }).mapValues(\.count).sorted(by: { $0.key < $1.key })
        where count > 1 {
            problems.append(.init(row: 0, message: "the header names the column \(name) \(count) times"))
        }
        // Not `table.rows`: they are filled up with empty fields, and a short row would pass for a whole one.
        var rows: [[String]] = []
        do { try table.enumerateAsArray(startAt: 1, rowLimit: nil) { rows.append($0) } } catch {
            throw FledgeError(
                "data.bad_csv", "the CSV file cannot be read: \(error)", place: path,
                hint: "check quotes: a quote inside a quoted field is doubled", exitCode: .badData)
        }
        let records: [(row: Int, fields: [String: String])] = rows.enumerated().compactMap { index, values in
            guard values.count == header.count else {
                // An empty line, as at a file's end, is no row.
                if values != [""] {
                    problems.append(
                        .init(
                            row: index + 1,
                            message:
                                "has \(values.count) field\(values.count == 1 ? "" : "s"), the header \(header.count)"))
                }
                return nil
            }
            return (index + 1, Dictionary(zip(header, values)) { first, _ in first })
        }
        return (records, header)
    }

    private func row(
        from fields: [String: String], number: Int, dataset: DatasetDefinition,
        problems: inout [DatasetContents.Problem]
    ) -> DatasetRow? {
        var inputs: [String: String] = [:]
        var isSound = true
        func complain(_ message: String) {
            problems.append(.init(row: number, message: message))
            isSound = false
        }
        for field in dataset.inputs {
            if let value = fields[field] { inputs[field] = value } else { complain("has no field \(field)") }
        }
        let expected = fields[dataset.expected].map(AnswerText.trimmed)
        if expected == nil { complain("has no field \(dataset.expected)") }
        if expected == "" { complain("has an empty \(dataset.expected)") }
        let group = dataset.group.flatMap { fields[$0] }
        if let name = dataset.group, group == nil { complain("has no field \(name)") }
        guard isSound, let expected else { return nil }
        return DatasetRow(row: number, inputs: inputs, expected: expected, group: group)
    }
}
