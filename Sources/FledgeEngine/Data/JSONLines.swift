import FledgeCore

/// Reads JSON objects, one a line, into a `DatasetAssembler`.
struct JSONLines {
    private let bytes: [UInt8]
    private let fileName: String
    private var names = FieldNames()
    /// Of each name's number, the place among the wanted fields.
    private var places: [Int?] = []
    /// Of each name's number, the last line that had it.
    private var lastLines: [Int] = []
    private var line = 0
    private(set) var isReadAnew = false

    /// Every name that an object has.
    var fields: [String] { names.names }

    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - fileName: for what is to be typed in a shell.
    init(_ bytes: [UInt8], fileName: String) {
        self.bytes = bytes
        self.fileName = fileName
    }

    /// Reads what stands from an offset on. Lines end at LF, CR LF or CR; a blank line is no row.
    ///
    /// - Throws: `CancellationError` where the task was cancelled.
    mutating func read(from start: Int, into builder: inout DatasetAssembler) throws(CancellationError) {
        var point = CancellationPoint()
        var reader = JSONRecordReader(bytes)
        var values = [Range<Int>?](repeating: nil, count: builder.wanted.count)
        var next = start
        var isFirst = true
        while next < bytes.count {
            let range = nextLine(from: &next)
            try point.pass(64 + range.count)
            guard let first = bytes[range].first(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
            if isFirst, first == UInt8(ascii: "["), isOneArray(firstLine: range, next: next) {
                builder.complain(
                    line: line, "the file is one JSON array, and one object a line is read: \(command("-c '.[]'"))")
                return
            }
            isFirst = false
            do throws(JSONRecordReader.Fault) {
                try reader.read(range)
                if let message = trailing(reader.position, in: range) {
                    builder.complain(row: line, line: line, message)
                } else if let message = collect(reader, into: &values, wanted: builder.wanted) {
                    builder.complain(row: line, line: line, message)
                } else {
                    noteNumbers(reader.members, values: values, in: reader.text)
                    builder.add(row: line, line: line, values: values, in: reader.text)
                }
            } catch {
                if error.kind == .endsEarly, goesOn(from: range.lowerBound, &reader) {
                    builder.complain(
                        line: line,
                        "an object goes on over several lines, and one object a line is read; nothing behind it was "
                            + "read: \(command("-c ."))")
                    return
                }
                builder.complain(row: line, line: line, error.message)
            }
        }
    }

    /// The next line without its end; `start` is then behind that.
    private mutating func nextLine(from start: inout Int) -> Range<Int> {
        let first = start
        while start < bytes.count, bytes[start] != 0x0A, bytes[start] != 0x0D { start += 1 }
        let range = first..<start
        if start < bytes.count {
            start += bytes[start] == 0x0D && start + 1 < bytes.count && bytes[start + 1] == 0x0A ? 2 : 1
        }
        line += 1
        return range
    }

    private func trailing(_ position: Int, in range: Range<Int>) -> String? {
        guard position < range.upperBound else { return nil }
        return bytes[position] == UInt8(ascii: ",")
            ? "has a comma behind its object: one object a line, with nothing between them"
            : "has more behind its object: one object a line"
    }

    /// Puts the wanted members' ranges into `values`. - Returns: a problem, where a name comes twice.
    private mutating func collect(
        _ reader: JSONRecordReader, into values: inout [Range<Int>?], wanted: [String]
    ) -> String? {
        for place in values.indices { values[place] = nil }
        for (index, member) in reader.members.enumerated() {
            let number = names.number(of: reader.text[member.key], guess: index)
            if number == places.count {
                let name = names.names[number]
                places.append(wanted.firstIndex(of: name))
                lastLines.append(0)
            }
            if lastLines[number] == line {
                return "names the field \(names.names[number].prefix(40)) twice: which of its values counts is not said"
            }
            lastLines[number] = line
            if let place = places[number] { values[place] = member.value }
        }
        return nil
    }

    /// Notes whether a number was read in another form once.
    private mutating func noteNumbers(
        _ members: [JSONRecordReader.Member], values: [Range<Int>?], in text: [UInt8]
    ) {
        guard !isReadAnew else { return }
        for member in members where member.isNumber && values.contains(member.value) {
            guard let range = member.value else { continue }
            let number = String(decoding: text[range], as: UTF8.self)
            if JSONNumber.rounded(number) != number {
                isReadAnew = true
                return
            }
        }
    }

    // MARK: Other JSON

    /// Whether an object that does not end on its line ends on a later one.
    private func goesOn(from start: Int, _ reader: inout JSONRecordReader) -> Bool {
        do throws(JSONRecordReader.Fault) { try reader.read(start..<bytes.count) } catch {
            // One that is laid out over lines has what is nested in it behind a name; the next row begins its line.
            guard error.kind == .nested else { return false }
            let before = bytes[start..<error.offset].last { $0 != 0x20 && $0 != 0x09 }
            return before != 0x0A && before != 0x0D
        }
        return true
    }

    private func isOneArray(firstLine: Range<Int>, next: Int) -> Bool {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        return bytes[firstLine].last { !isSpace($0) } != UInt8(ascii: "]") || bytes[next...].allSatisfy(isSpace)
    }

    private func command(_ arguments: String) -> String {
        let stem = fileName.split(separator: ".").first.map(String.init) ?? fileName
        return "jq \(arguments) \(ShellWord.quoted(fileName)) > \(ShellWord.quoted(stem + "-lines.jsonl"))"
    }
}
