import FledgeCore
import FledgeDocument
import Foundation

/// Reads a CSV or JSONL file of labelled rows.
package struct DatasetReader: Sendable {
    private let places: DataPlaces

    /// - Parameter places: where no data is read from.
    package init(places: DataPlaces = .system) {
        self.places = places
    }

    /// - Parameters:
    ///   - directory: what a relative path in the definition is relative to.
    ///   - kept: fields that are kept beside inputs and expected answer.
    /// - Throws: `data.not_allowed`, `data.missing`, `data.unreadable`, `data.too_large`, `data.unknown_format`, `data.not_utf8` (all exit
    ///   65): what can be read in part is read, and its problems are told. `CancellationError` where the task was cancelled.
    package func read(
        _ dataset: DatasetDefinition, relativeTo directory: String, keeping kept: [String] = []
    ) throws -> DatasetContents {
        let url = URL(fileURLWithPath: dataset.path, relativeTo: URL(fileURLWithPath: directory, isDirectory: true))
        let path = url.standardizedFileURL.path
        let format = try format(of: url, path: path)
        let file = try DataFile(path: path, places: places)
        var builder = DatasetAssembler(dataset, keeping: kept)
        var isReadAnew = false
        let fields: [String]
        switch format {
        case .lines:
            var lines = JSONLines(file.bytes, fileName: url.lastPathComponent)
            try lines.read(from: file.start, into: &builder)
            fields = lines.fields
            isReadAnew = lines.isReadAnew
        case .table(let isTabSeparated):
            let dialect = CSVDialect(
                of: file.bytes, from: file.start, isTabSeparated: isTabSeparated,
                fields: builder.required.filter { !$0.isEmpty })
            var table = CSVTable(file.bytes, dialect: dialect)
            try table.read(into: &builder)
            fields = table.fields
        }
        return DatasetContents(
            rows: builder.rows, fields: Set(fields).sorted(),
            problems: builder.problems.sorted { ($0.line, $0.row, $0.message) < ($1.line, $1.row, $1.message) },
            sha256: file.sha256, path: path, isReadAnew: isReadAnew)
    }

    private enum Format { case lines, table(isTabSeparated: Bool) }

    private func format(of url: URL, path: String) throws(FledgeError) -> Format {
        switch url.pathExtension.lowercased() {
        case "jsonl", "ndjson": return .lines
        case "csv": return .table(isTabSeparated: false)
        case "tsv", "tab": return .table(isTabSeparated: true)
        default:
            let name = ShellWord.quoted(url.lastPathComponent)
            throw FledgeError(
                "data.unknown_format", "the data file is neither .csv, .tsv nor .jsonl", place: path,
                hint: url.pathExtension.lowercased() == "json"
                    ? "one JSON object a line is read; of an array they are made by jq -c '.[]' \(name) > \(name)l"
                    : "name a CSV, TSV or JSONL file in Dataset(…)")
        }
    }
}
