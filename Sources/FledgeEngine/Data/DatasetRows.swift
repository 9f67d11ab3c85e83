import FledgeCore
import FledgeDocument

/// The rows of a data file, before they have a split: a column for each field that the definition uses.
package struct DatasetRows: RandomAccessCollection, Sendable {
    /// One row of them.
    package struct Row: Sendable {
        fileprivate let columns: Columns
        fileprivate let place: Int

        /// The line of a JSONL file, or the record of a CSV file (the header and blank lines are not counted), from 1.
        package var row: Int { Int(columns.numbers[place]) }
        /// The line of the file that it begins on, from 1.
        package var line: Int { Int(columns.lines[place]) }
        package var inputs: [String: String] { Self.values(of: columns.inputs, at: place) }
        /// Without white space at both ends.
        package var expected: String { columns.expected[place] ?? "" }
        package var group: String? { columns.group?[place] }
        /// Further fields that were asked for; a row may lack them.
        package var fields: [String: String] { Self.values(of: columns.kept, at: place) }

        private static func values(of columns: [(name: String, column: TextColumn)], at place: Int) -> [String: String]
        {
            var values: [String: String] = [:]
            for (name, column) in columns { values[name] = column[place] }
            return values
        }
    }

    /// Shared by the rows, so that a row is no more than its place.
    fileprivate final class Columns: Sendable {
        let numbers: [UInt32]
        let lines: [UInt32]
        let inputs: [(name: String, column: TextColumn)]
        let expected: TextColumn
        let group: TextColumn?
        let kept: [(name: String, column: TextColumn)]

        init(
            numbers: [UInt32], lines: [UInt32], inputs: [(name: String, column: TextColumn)], expected: TextColumn,
            group: TextColumn?, kept: [(name: String, column: TextColumn)]
        ) {
            self.numbers = numbers
            self.lines = lines
            self.inputs = inputs
            self.expected = expected
            self.group = group
            self.kept = kept
        }
    }

    private let columns: Columns

    init(
        numbers: [UInt32], lines: [UInt32], inputs: [(name: String, column: TextColumn)], expected: TextColumn,
        group: TextColumn?, kept: [(name: String, column: TextColumn)]
    ) {
        columns = Columns(
            numbers: numbers, lines: lines, inputs: inputs, expected: expected, group: group, kept: kept)
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { columns.numbers.count }
    package subscript(place: Int) -> Row { Row(columns: columns, place: place) }

    /// The line of the file that a row begins on; nil for a number that is none of these rows'.
    package func line(ofRow number: Int) -> Int? {
        var low = 0
        var high = columns.numbers.count
        while low < high {
            let middle = (low + high) / 2
            if Int(columns.numbers[middle]) < number { low = middle + 1 } else { high = middle }
        }
        return low < endIndex && columns.numbers[low] == number ? Int(columns.lines[low]) : nil
    }
}
