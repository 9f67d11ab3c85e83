import FledgeCore
import Foundation

/// Reads delimited text with a header into a `DatasetAssembler`.
struct CSVTable {
    /// How many records are searched for a header when the first one is none.
    private static let searched = 10

    private let bytes: [UInt8]
    private let dialect: CSVDialect
    /// Whether the file has a NUL character, which CSV allows and PostgreSQL can't store.
    private let hasNUL: Bool
    private var header: [String] = []
    private var headerLine = 1

    /// The columns' names, without those of columns that have none.
    var fields: [String] { header.filter { !$0.isEmpty } }

    /// - Parameter bytes: UTF-8.
    init(_ bytes: [UInt8], dialect: CSVDialect) {
        self.bytes = bytes
        self.dialect = dialect
        hasNUL = bytes.withUnsafeBytes { $0.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false }
    }

    /// - Throws: `CancellationError` where the task was cancelled.
    mutating func read(into builder: inout DatasetAssembler) throws(CancellationError) {
        var reader = dialect.reader(of: bytes)
        guard reader.next() else { return }
        header = reader.record.texts
        headerLine = reader.record.line
        if let fault = reader.record.fault {
            builder.complain(line: Self.line(of: fault), "the header \(text(of: fault))")
        }
        for (name, count) in Dictionary(grouping: fields, by: { $0 }).mapValues(\.count).sorted(by: { $0.key < $1.key })
        where count > 1 {
            builder.complain(line: headerLine, "the header names the column \(name) \(count) times")
        }
        let missing = builder.required.filter { !$0.isEmpty && !header.contains($0) }
        guard missing.isEmpty else {
            let names = fields.prefix(20).joined(separator: ", ") + (fields.count > 20 ? ", …" : "")
            for field in missing {
                builder.complain(line: headerLine, "the header has no field \(field): it names \(names)")
            }
            findHeader(reader, into: &builder)
            return
        }
        try readRows(&reader, into: &builder)
    }

    private func readRows(
        _ reader: inout CSVReader, into builder: inout DatasetAssembler
    ) throws(CancellationError) {
        var point = CancellationPoint()
        let columns = builder.wanted.map { header.firstIndex(of: $0) }
        var values = [Range<Int>?](repeating: nil, count: columns.count)
        var row = 0
        while reader.next() {
            try point.pass(64 + reader.record.bytes.count)
            if header.count > 1, reader.record.count == 1, isBlank(reader.record) { continue }
            row += 1
            let line = reader.record.line
            if let fault = reader.record.fault {
                builder.complain(row: row, line: Self.line(of: fault), text(of: fault))
                continue
            }
            guard reader.record.count == header.count else {
                builder.complain(row: row, line: line, miscount(reader.record))
                continue
            }
            if hasNUL, reader.record.bytes.contains(0) {
                builder.complain(row: row, line: line, "has a NUL byte, which cannot be stored")
                continue
            }
            for (place, column) in columns.enumerated() {
                values[place] = column.map { reader.record.range(of: $0) }
            }
            builder.add(row: row, line: line, values: values, in: reader.record.bytes)
        }
    }

    /// A line of nothing but white space.
    private func isBlank(_ record: CSVReader.Record) -> Bool {
        record.fault == nil && record.bytes.allSatisfy { $0 == 0x20 || $0 == CSVDialect.tab }
    }

    /// Says where a header stands that is not the first record, as below a title.
    private func findHeader(_ reader: CSVReader, into builder: inout DatasetAssembler) {
        var reader = reader
        for _ in 0..<Self.searched {
            guard reader.next() else { return }
            guard Set(builder.required.filter { !$0.isEmpty }).isSubset(of: reader.record.texts) else { continue }
            builder.complain(
                line: reader.record.line,
                "the header seems to be on line \(reader.record.line): remove the lines above it")
            return
        }
    }

    // MARK: What to say

    private static func line(of fault: CSVReader.Fault) -> Int {
        switch fault {
        case .textAfterQuote(let opened, _), .unclosedQuote(let opened): opened
        }
    }

    private func text(of fault: CSVReader.Fault) -> String {
        switch fault {
        case .unclosedQuote(let opened):
            "opens a quote on line \(opened) that never closes; nothing behind it was read"
        case .textAfterQuote(let opened, let closed) where opened == closed:
            "has text behind a closing quote: a quote inside a quoted field is doubled"
        case .textAfterQuote(let opened, let closed):
            "opens a quote on line \(opened) that does not close there; the next one, on line \(closed), has text "
                + "behind it: close it on line \(opened), or double the quotes inside a field"
        }
    }

    private func miscount(_ record: CSVReader.Record) -> String {
        let fields = "has \(record.count) field\(record.count == 1 ? "" : "s"), the header \(header.count)"
        let isQuoted = (0..<record.count).contains { field in
            let text = record.text(of: field)
            return text.first?.isWhitespace == true && text.drop(while: \.isWhitespace).first == "\""
        }
        if isQuoted {
            return fields + ": a quote counts only at the very beginning of a field, without a space before it"
        }
        return record.count > header.count
            ? fields + ": a field that holds \(delimiterName) stands in quotes" : fields
    }

    private var delimiterName: String {
        switch dialect.delimiter {
        case CSVDialect.comma: "a comma"
        case CSVDialect.tab: "a tab"
        default: "a " + String(UnicodeScalar(dialect.delimiter))
        }
    }
}
