/// How the fields of a file are separated, and where its header stands.
struct CSVDialect: Equatable {
    static let comma = UInt8(ascii: ",")
    static let tab = UInt8(ascii: "\t")
    /// What may separate fields, in the order in which it is tried.
    static let delimiters = [comma, UInt8(ascii: ";"), tab, UInt8(ascii: "|")]

    var delimiter: UInt8
    /// Offset and line of the header, or of blank lines in front of it.
    var start: Int
    var line: Int

    /// The dialect of a file: what its first line says (`sep=;`, as Excel writes it), or what gives a header with every
    /// field that is asked for. A comma where several do or none does, unless another one gives more columns.
    ///
    /// - Parameters:
    ///   - start: behind a byte order mark.
    ///   - isTabSeparated: whether the file's name says so.
    ///   - fields: what the header has to name.
    init(of bytes: [UInt8], from start: Int, isTabSeparated: Bool, fields: [String]) {
        if let declared = Self.declared(in: bytes, from: start) {
            self = declared
            return
        }
        self.init(delimiter: isTabSeparated ? Self.tab : Self.comma, start: start, line: 1)
        if isTabSeparated { return }
        let headers = Self.delimiters.map { (delimiter: $0, names: Self.header(of: bytes, from: start, by: $0)) }
        let whole = headers.filter { Set(fields).isSubset(of: $0.names) }
        if whole.count == 1 { delimiter = whole[0].delimiter }
        guard whole.isEmpty else { return }
        // No delimiter gives a header with all fields. One that gives more columns than a comma does is taken, so that
        // the problem is worded for the file as it is.
        for header in headers where header.names.count > headers[0].names.count {
            delimiter = header.delimiter
            return
        }
    }

    private init(delimiter: UInt8, start: Int, line: Int) {
        self.delimiter = delimiter
        self.start = start
        self.line = line
    }

    func reader(of bytes: [UInt8]) -> CSVReader {
        CSVReader(bytes, from: start, line: line, delimiter: delimiter)
    }

    private static func header(of bytes: [UInt8], from start: Int, by delimiter: UInt8) -> [String] {
        var reader = CSVReader(bytes, from: start, delimiter: delimiter)
        return reader.next() ? reader.record.texts : []
    }

    /// `sep=` and one character, in quotes or not, alone on the first line.
    private static func declared(in bytes: [UInt8], from start: Int) -> CSVDialect? {
        let line = bytes[start...].prefix(16).prefix { $0 != CSVReader.lineFeed && $0 != CSVReader.carriageReturn }
        var word = line
        if word.count > 2, word.first == CSVReader.quote, word.last == CSVReader.quote {
            word = word.dropFirst().dropLast()
        }
        guard word.count == 5, String(decoding: word.prefix(4), as: UTF8.self).lowercased() == "sep=",
            let delimiter = word.last, delimiter < 0x80, delimiter != CSVReader.quote
        else { return nil }
        var next = line.endIndex
        if next < bytes.count { next += 1 }
        if next < bytes.count, bytes[next - 1] == CSVReader.carriageReturn, bytes[next] == CSVReader.lineFeed {
            next += 1
        }
        return CSVDialect(delimiter: delimiter, start: next, line: 2)
    }
}
