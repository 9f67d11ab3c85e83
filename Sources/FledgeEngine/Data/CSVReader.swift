/// Reads delimited text record by record: the grammar of RFC 4180 on bytes, with what Python's `csv` reads beyond it.
///
/// Records end at CR LF, LF or CR, and at the end of the text. A quote counts at the beginning of a field alone; elsewhere
/// it stands for itself (`5" pipe`). Inside quotes everything is the field's, line ends too, and a doubled quote is one. A
/// line without a character is no record.
///
/// Unlike Python's `csv`, a closing quote with text behind it is a fault of its record, and a quote that never closes ends
/// the reading, instead of becoming part of a value.
struct CSVReader {
    static let quote = UInt8(ascii: "\"")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")

    /// What is wrong with a record; lines are counted from 1.
    enum Fault: Hashable {
        /// A field's quote opens on one line, and the next quote, on another line or the same, has text behind it.
        case textAfterQuote(opened: Int, closed: Int)
        /// A field's quote opens on this line, and no other comes: the text ends inside the field.
        case unclosedQuote(opened: Int)
    }

    /// The fields of one record, one behind the other.
    struct Record {
        /// The line that it begins on, from 1.
        fileprivate(set) var line = 0
        fileprivate(set) var fault: Fault?
        fileprivate(set) var bytes: [UInt8] = []
        fileprivate var ends: [Int] = []

        var count: Int { ends.count }

        /// Where a field stands in `bytes`.
        func range(of field: Int) -> Range<Int> { (field == 0 ? 0 : ends[field - 1])..<ends[field] }

        func text(of field: Int) -> String { String(decoding: bytes[range(of: field)], as: UTF8.self) }

        /// The fields as text.
        var texts: [String] { (0..<count).map(text) }
    }

    /// The record that `next` has read.
    private(set) var record = Record()

    private let bytes: [UInt8]
    private let delimiter: UInt8
    private var position: Int
    private var line: Int

    /// - Parameters:
    ///   - bytes: UTF-8. A delimiter, quote or line end is never part of another character in it.
    ///   - start: the offset to begin at.
    ///   - line: the number of the line that begins there.
    init(_ bytes: [UInt8], from start: Int = 0, line: Int = 1, delimiter: UInt8 = UInt8(ascii: ",")) {
        self.bytes = bytes
        self.delimiter = delimiter
        self.line = line
        position = start
    }

    /// Reads the next record into `record`; false at the end, and behind a quote that never closes.
    mutating func next() -> Bool {
        while position < bytes.count {
            if endLine() { continue }
            record.line = line
            record.fault = nil
            record.bytes.removeAll(keepingCapacity: true)
            record.ends.removeAll(keepingCapacity: true)
            readFields()
            return true
        }
        return false
    }

    private mutating func readFields() {
        while true {
            if position < bytes.count, bytes[position] == Self.quote { readQuoted() }
            readUnquoted()
            record.ends.append(record.bytes.count)
            guard position < bytes.count, bytes[position] == delimiter else { break }
            position += 1
        }
        _ = endLine()
    }

    /// Passes over a line end; false where none is.
    private mutating func endLine() -> Bool {
        guard position < bytes.count else { return false }
        if bytes[position] == Self.lineFeed {
            position += 1
        } else if bytes[position] == Self.carriageReturn {
            position += 1
            if position < bytes.count, bytes[position] == Self.lineFeed { position += 1 }
        } else {
            return false
        }
        line += 1
        return true
    }

    private mutating func readUnquoted() {
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == delimiter || byte == Self.lineFeed || byte == Self.carriageReturn { break }
            position += 1
        }
        if start < position { record.bytes += bytes[start..<position] }
    }

    /// Reads what stands in quotes; what follows up to the next delimiter is a fault, and the field's.
    private mutating func readQuoted() {
        let opened = line
        position += 1
        var start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == Self.lineFeed || byte == Self.carriageReturn {
                _ = endLine()
                continue
            }
            position += 1
            guard byte == Self.quote else { continue }
            if position < bytes.count, bytes[position] == Self.quote {
                // The first of two quotes is the field's.
                record.bytes += bytes[start..<position]
                position += 1
                start = position
                continue
            }
            record.bytes += bytes[start..<position - 1]
            if position < bytes.count, bytes[position] != delimiter, bytes[position] != Self.lineFeed,
                bytes[position] != Self.carriageReturn, record.fault == nil
            {
                record.fault = .textAfterQuote(opened: opened, closed: line)
            }
            return
        }
        record.bytes += bytes[start...]
        record.fault = .unclosedQuote(opened: opened)
    }
}
