import FledgeCore
import FledgeDocument
import Foundation

/// Reads CSV and JSONL files of labelled rows.
package struct DatasetReader: Sendable {
    /// What is read of a data file for one definition.
    struct Order {
        var dataset: DatasetDefinition
        /// The file's absolute path where it comes from.
        var path: String
        /// Fields that are kept beside inputs and expected answer.
        var kept: [String]
        /// As the definition has it: a link may lead to a file of another name.
        var name: String { (dataset.path as NSString).lastPathComponent }

        /// - Parameters:
        ///   - directory: what a relative path in the definition is relative to.
        ///   - sentPath: the file's path where it came from; nil for the one that the definition names.
        init(
            _ dataset: DatasetDefinition, relativeTo directory: String, sentAs sentPath: String?, keeping kept: [String]
        ) {
            self.dataset = dataset
            self.kept = kept
            path = sentPath ?? dataset.path(relativeTo: directory)
        }
    }

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
        try read([Order(dataset, relativeTo: directory, sentAs: sentPath, keeping: kept)])[0].get()
    }

    /// Reads for several definitions: a file that more than one of them names is read once, and no two files are in
    /// memory at a time.
    ///
    /// - Returns: for each order, at its place, what reading it alone would give or throw.
    /// - Throws: `CancellationError` where the task was cancelled.
    func read(_ orders: [Order]) throws -> [Result<DatasetContents, FledgeError>] {
        var contents: [Int: Result<DatasetContents, FledgeError>] = [:]
        for indices in Dictionary(grouping: orders.indices, by: { orders[$0].path }).values {
            // Opened for the first of them whose name is of a format that is known.
            var opened: Result<DataFile, FledgeError>?
            for index in indices {
                contents[index] = try Self.result {
                    let format = try Self.format(of: orders[index])
                    let file = try opened ?? Self.result { try DataFile(path: orders[index].path, source: source) }
                    opened = file
                    return try Self.contents(orders[index], of: file.get(), as: format)
                }
            }
        }
        return orders.indices.compactMap { contents[$0] }
    }

    /// - Throws: what is no error of the data.
    private static func result<Value>(_ body: () throws -> Value) throws -> Result<Value, FledgeError> {
        do { return .success(try body()) } catch let error as FledgeError { return .failure(error) }
    }

    private static func contents(_ order: Order, of file: DataFile, as format: Format) throws -> DatasetContents {
        var builder = DatasetAssembler(order.dataset, keeping: order.kept)
        var isReadAnew = false
        let fields: [String]
        switch format {
        case .lines:
            var lines = JSONLines(file.bytes, fileName: order.name)
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
            sha256: file.sha256, path: order.path, isReadAnew: isReadAnew)
    }

    private enum Format { case lines, table(isTabSeparated: Bool) }

    private static func format(of order: Order) throws(FledgeError) -> Format {
        let kind = (order.name as NSString).pathExtension.lowercased()
        switch kind {
        case "jsonl", "ndjson": return .lines
        case "csv": return .table(isTabSeparated: false)
        case "tsv", "tab": return .table(isTabSeparated: true)
        default:
            let name = ShellWord.quoted(order.name)
            throw FledgeError(
                "data.unknown_format", "the data file is neither .csv, .tsv nor .jsonl", place: order.path,
                hint: kind == "json"
                    ? "one JSON object a line is read; of an array they are made by jq -c '.[]' \(name) > \(name)l"
                    : "name a CSV, TSV or JSONL file in Dataset(…)")
        }
    }
}
