import FledgeCore
import FledgeDocument
import Foundation

/// Reads a CSV or JSONL file of labelled rows.
package struct DatasetReader: Sendable {
    private let source: DataSource

    /// - Parameter source: where the file's bytes are.
    package init(source: DataSource = .disk(.system)) {
        self.source = source
    }

    /// - Parameters:
    ///   - directory: what a relative path in the definition is relative to.
    ///   - sentPath: the file's path where it came from; nil for the one that the definition names.
    ///   - kept: fields that are kept beside inputs and expected answer.
    /// - Throws: what opening the file throws (`DataFile`), `data.unknown_format`, `data.not_utf8` (all exit 65): what can
    ///   be read in part is read, and its problems are told. `CancellationError` where the task was cancelled.
    package func read(
        _ dataset: DatasetDefinition, relativeTo directory: String, sentAs sentPath: String? = nil,
        keeping kept: [String] = []
    ) throws -> DatasetContents {
        let path = sentPath ?? dataset.path(relativeTo: directory)
        // Its name as the definition has it: a link may lead to another.
        let name = (dataset.path as NSString).lastPathComponent
        let format = try Self.format(of: name, path: path)
        let file = try DataFile(path: path, source: source)
        var builder = DatasetAssembler(dataset, keeping: kept)
        var isReadAnew = false
        let fields: [String]
        switch format {
        case .lines:
            var lines = JSONLines(file.bytes, fileName: name)
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

    private static func format(of file: String, path: String) throws(FledgeError) -> Format {
        let kind = (file as NSString).pathExtension.lowercased()
        switch kind {
        case "jsonl", "ndjson": return .lines
        case "csv": return .table(isTabSeparated: false)
        case "tsv", "tab": return .table(isTabSeparated: true)
        default:
            let name = ShellWord.quoted(file)
            throw FledgeError(
                "data.unknown_format", "the data file is neither .csv, .tsv nor .jsonl", place: path,
                hint: kind == "json"
                    ? "one JSON object a line is read; of an array they are made by jq -c '.[]' \(name) > \(name)l"
                    : "name a CSV, TSV or JSONL file in Dataset(…)")
        }
    }
}
