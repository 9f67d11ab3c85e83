/// Labelled rows before they have a split: a column for each field.
package struct LabelledRows: Sendable {
    /// The values of one input.
    package struct Input: Sendable {
        package let name: String
        package let values: TextColumn

        package init(name: String, values: TextColumn) {
            self.name = name
            self.values = values
        }
    }

    /// Two answers of each row, of which one is better. A row has both or neither.
    package struct Preferences: Sendable {
        package var chosen: TextColumn
        package var rejected: TextColumn

        package init(chosen: TextColumn = TextColumn(), rejected: TextColumn = TextColumn()) {
            self.chosen = chosen
            self.rejected = rejected
        }
    }

    /// The rows' numbers in the source file, from 1.
    package let numbers: [UInt32]
    /// By name.
    package let inputs: [Input]
    package let expected: TextColumn
    /// Nil where no row has any.
    package let preferences: Preferences?
    package let group: TextColumn?
    /// For each row, the place of the first row that expects the same answer, byte by byte.
    package let sameExpected: [Int32]

    package init(
        numbers: [UInt32], inputs: [Input], expected: TextColumn, preferences: Preferences? = nil, group: TextColumn?
    ) {
        self.numbers = numbers
        self.inputs = inputs.sorted { $0.name < $1.name }
        self.expected = expected
        self.preferences = preferences
        self.group = group
        sameExpected = expected.firstAlike()
    }

    package init(_ rows: [DatasetSplitter.Row]) {
        let names = rows.reduce(into: Set<String>()) { $0.formUnion($1.inputs.keys) }
        self.init(
            numbers: rows.map { UInt32(clamping: $0.row) },
            inputs: names.map { name in Input(name: name, values: TextColumn(rows.lazy.map { $0.inputs[name] })) },
            expected: TextColumn(rows.lazy.map(\.expected)),
            preferences: rows.contains { $0.preference != nil }
                ? Preferences(
                    chosen: TextColumn(rows.lazy.map { $0.preference?.chosen }),
                    rejected: TextColumn(rows.lazy.map { $0.preference?.rejected })) : nil,
            group: rows.contains { $0.group != nil } ? TextColumn(rows.lazy.map(\.group)) : nil)
    }

    package var count: Int { numbers.count }

    package func number(of place: Int) -> Int { Int(numbers[place]) }

    package func inputs(of place: Int) -> [String: String] {
        var values: [String: String] = [:]
        for input in inputs { values[input.name] = input.values[place] }
        return values
    }

    package func preference(of place: Int) -> Preference? {
        guard let chosen = preferences?.chosen[place], let rejected = preferences?.rejected[place] else { return nil }
        return Preference(chosen: chosen, rejected: rejected)
    }

    package subscript(place: Int) -> DatasetSplitter.Row {
        DatasetSplitter.Row(
            row: number(of: place), group: group?[place], inputs: inputs(of: place), expected: expected[place] ?? "",
            preference: preference(of: place))
    }

    /// The expected answers that differ in a byte, and how many rows have each.
    package var answers: [(text: String, rows: Int)] {
        var rows = [Int](repeating: 0, count: count)
        for first in sameExpected { rows[Int(first)] += 1 }
        return rows.indices.lazy.filter { rows[$0] > 0 }.map { (expected[$0] ?? "", rows[$0]) }
    }
}
