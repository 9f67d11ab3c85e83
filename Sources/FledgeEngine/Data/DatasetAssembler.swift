import FledgeCore
import FledgeDocument

/// Takes the records of a data file in, and keeps of each what the definition uses.
struct DatasetAssembler {
    /// The longest value in bytes. A longer one is refused: most likely the file lost a closing quote.
    static let maximumValueBytes = 1 << 24

    /// The fields that are looked for in each record, without repetition.
    let wanted: [String]
    /// Those that each record must have.
    let required: [String]
    private(set) var problems: [DatasetContents.Problem] = []

    private let inputs: [Int]
    private let expected: Int
    private let preference: (chosen: Int, rejected: Int)?
    private let group: Int?
    private let kept: [Int]
    private var numbers: [UInt32] = []
    private var lines: [UInt32] = []
    private var inputColumns: [TextColumn]
    private var expectedColumn = TextColumn()
    private var preferenceColumns = LabelledRows.Preferences()
    private var groupColumn: TextColumn?
    private var keptColumns: [TextColumn]

    init(_ dataset: DatasetDefinition, keeping kept: [String]) {
        var wanted: [String] = []
        func place(_ field: String) -> Int {
            if let place = wanted.firstIndex(of: field) { return place }
            wanted.append(field)
            return wanted.count - 1
        }
        inputs = dataset.inputs.map(place).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        expected = place(dataset.expected)
        group = dataset.group.map(place)
        required = wanted
        // A definition that does not name two different fields has a diagnostic of its own.
        if let fields = dataset.preferences, fields.namesTwoFields {
            preference = (chosen: place(fields.chosen), rejected: place(fields.rejected))
        } else {
            preference = nil
        }
        self.kept = kept.map(place).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        self.wanted = wanted
        inputColumns = Array(repeating: TextColumn(), count: inputs.count)
        keptColumns = Array(repeating: TextColumn(), count: self.kept.count)
        groupColumn = group.map { _ in TextColumn() }
    }

    var rows: DatasetRows {
        DatasetRows(
            LabelledRows(
                numbers: numbers,
                inputs: zip(inputs, inputColumns).map { LabelledRows.Input(name: wanted[$0], values: $1) },
                expected: expectedColumn, preferences: preference == nil ? nil : preferenceColumns,
                group: groupColumn),
            lines: lines, kept: zip(kept, keptColumns).map { (wanted[$0], $1) })
    }

    mutating func complain(row: Int = 0, line: Int, _ message: String) {
        problems.append(DatasetContents.Problem(row: row, line: line, message: message))
    }

    /// Takes in one record.
    /// - Parameters:
    ///   - values: where the value of each wanted field stands in `bytes`; nil for one that the record lacks.
    mutating func add(row: Int, line: Int, values: [Range<Int>?], in bytes: [UInt8]) {
        let before = problems.count
        // A definition that names no field for its answers has a diagnostic of its own.
        for place in required.indices where values[place] == nil && !wanted[place].isEmpty {
            complain(row: row, line: line, "has no field \(wanted[place])")
        }
        for (place, range) in values.enumerated() {
            guard let range, range.count > Self.maximumValueBytes else { continue }
            complain(
                row: row, line: line,
                "has \(range.count) bytes in the field \(wanted[place]); at most \(Self.maximumValueBytes) are read")
        }
        guard let range = values[expected] else { return }
        let answer = Self.trimmed(bytes[range])
        if answer.isEmpty { complain(row: row, line: line, "has an empty \(wanted[expected])") }
        let pair = pair(row: row, line: line, values: values, in: bytes)
        guard problems.count == before else { return }
        numbers.append(UInt32(row))
        lines.append(UInt32(line))
        expectedColumn.append(answer)
        append(pair)
        for (column, place) in inputs.enumerated() { Self.append(values[place], of: bytes, to: &inputColumns[column]) }
        for (column, place) in kept.enumerated() { Self.append(values[place], of: bytes, to: &keptColumns[column]) }
        if let group, let range = values[group] { groupColumn?.append(bytes[range]) }
    }

    /// The better and the worse answer of a row, without white space at their ends; nil where it has neither, and where
    /// it has a problem.
    private mutating func pair(
        row: Int, line: Int, values: [Range<Int>?], in bytes: [UInt8]
    ) -> (chosen: ArraySlice<UInt8>, rejected: ArraySlice<UInt8>)? {
        guard let preference else { return nil }
        let chosen = values[preference.chosen].map { Self.trimmed(bytes[$0]) }
        let rejected = values[preference.rejected].map { Self.trimmed(bytes[$0]) }
        // In a table, a row has neither where both fields are empty.
        if chosen?.isEmpty ?? true, rejected?.isEmpty ?? true { return nil }
        let (better, worse) = (wanted[preference.chosen], wanted[preference.rejected])
        for (text, field, other) in [(chosen, better, worse), (rejected, worse, better)] where text?.isEmpty ?? true {
            let what = text == nil ? "no field" : "an empty"
            complain(row: row, line: line, "has \(what) \(field) beside \(other): a row has both or neither")
            return nil
        }
        guard let chosen, let rejected else { return nil }
        if chosen == rejected {
            complain(row: row, line: line, "has the same text in \(better) and \(worse): neither is the better one")
            return nil
        }
        return (chosen: chosen, rejected: rejected)
    }

    private mutating func append(_ pair: (chosen: ArraySlice<UInt8>, rejected: ArraySlice<UInt8>)?) {
        guard preference != nil else { return }
        if let pair {
            preferenceColumns.chosen.append(pair.chosen)
            preferenceColumns.rejected.append(pair.rejected)
        } else {
            preferenceColumns.chosen.appendAbsent()
            preferenceColumns.rejected.appendAbsent()
        }
    }

    private static func append(_ range: Range<Int>?, of bytes: [UInt8], to column: inout TextColumn) {
        if let range { column.append(bytes[range]) } else { column.appendAbsent() }
    }

    /// As `AnswerText.trimmed`, which need not look at a text that begins and ends with a visible ASCII character.
    private static func trimmed(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let first = value.first, let last = value.last else { return value }
        if (0x21..<0x7F).contains(first) && (0x21..<0x7F).contains(last) { return value }
        return Array(AnswerText.trimmed(String(decoding: value, as: UTF8.self)).utf8)[...]
    }
}
