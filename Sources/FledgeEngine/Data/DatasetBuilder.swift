import FledgeCore
import FledgeDocument

/// Takes the records of a data file in, and keeps of each what the definition uses.
struct DatasetBuilder {
    /// Longer values are refused: they are no example, but a file that lost its quotes.
    static let maximumValueBytes = 1 << 24

    /// The fields that are looked for in each record, without repetition.
    let wanted: [String]
    /// Those that each record must have.
    let required: [String]
    private(set) var problems: [DatasetContents.Problem] = []

    private let inputs: [Int]
    private let expected: Int
    private let group: Int?
    private let kept: [Int]
    private var numbers: [UInt32] = []
    private var lines: [UInt32] = []
    private var inputColumns: [TextColumn]
    private var expectedColumn = TextColumn()
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
                expected: expectedColumn, group: groupColumn),
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
        // A definition without a name for its answers is told so.
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
        guard problems.count == before else { return }
        numbers.append(UInt32(row))
        lines.append(UInt32(line))
        expectedColumn.append(answer)
        for (column, place) in inputs.enumerated() { Self.append(values[place], of: bytes, to: &inputColumns[column]) }
        for (column, place) in kept.enumerated() { Self.append(values[place], of: bytes, to: &keptColumns[column]) }
        if let group, let range = values[group] { groupColumn?.append(bytes[range]) }
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
