import FledgeCore
import FledgeDocument

/// The rows of a data file, before they have a split: a column for each field that the definition uses.
package struct DatasetRows: RandomAccessCollection, Sendable {
    /// One row of them.
    package struct Row: Sendable {
        fileprivate let columns: Columns
        fileprivate let place: Int

        /// The line of a JSONL file, or the record of a CSV file (the header and blank lines are not counted), from 1.
        package var row: Int { columns.labelled.number(of: place) }
        /// The line of the file that it begins on, from 1.
        package var line: Int { Int(columns.lines[place]) }
        package var inputs: [String: String] { columns.labelled.inputs(of: place) }
        /// Without white space at both ends.
        package var expected: String { columns.labelled.expected[place] ?? "" }
        /// Neither text has white space at its ends; nil where the row has none.
        package var preference: Preference? { columns.labelled.preference(of: place) }
        package var group: String? { columns.labelled.group?[place] }
        /// Further fields that were asked for; a row may lack them.
        package var fields: [String: String] {
            var values: [String: String] = [:]
            for (name, column) in columns.kept { values[name] = column[place] }
            return values
        }
    }

    /// Shared by the rows, so that a row is no more than its place.
    fileprivate final class Columns: Sendable {
        let labelled: LabelledRows
        let lines: [UInt32]
        let kept: [(name: String, column: TextColumn)]

        init(_ labelled: LabelledRows, lines: [UInt32], kept: [(name: String, column: TextColumn)]) {
            self.labelled = labelled
            self.lines = lines
            self.kept = kept
        }
    }

    private let columns: Columns

    init(_ labelled: LabelledRows, lines: [UInt32], kept: [(name: String, column: TextColumn)]) {
        columns = Columns(labelled, lines: lines, kept: kept)
    }

    /// The rows without what only the engine needs of them.
    package var labelled: LabelledRows { columns.labelled }

    package var startIndex: Int { 0 }
    package var endIndex: Int { columns.labelled.numbers.count }
    package subscript(place: Int) -> Row { Row(columns: columns, place: place) }

    /// The line of the file that a row begins on; nil for a number that is none of these rows'.
    package func line(ofRow number: Int) -> Int? {
        var low = 0
        var high = columns.labelled.numbers.count
        while low < high {
            let middle = (low + high) / 2
            if Int(columns.labelled.numbers[middle]) < number { low = middle + 1 } else { high = middle }
        }
        return low < endIndex && columns.labelled.numbers[low] == number ? Int(columns.lines[low]) : nil
    }
}
