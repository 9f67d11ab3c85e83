import FledgeCore

/// What reading a data file gave: rows, and every problem at once.
package struct DatasetContents: Sendable {
    /// What is wrong with a row, or with the file as a whole.
    package struct Problem: Hashable, Sendable {
        /// The row's number; 0 for a problem of the file as a whole.
        package var row: Int
        /// From 1.
        package var line: Int
        /// What is wrong, worded to follow `row 7`; a whole sentence for a problem of the file.
        package var message: String

        package init(row: Int, line: Int, message: String) {
            self.row = row
            self.line = line
            self.message = message
        }

        /// `row 7 (line 8) has an empty label`.
        package var sentence: String {
            row > 0 ? "row \(row)\(row == line ? "" : " (line \(line))") \(message)" : "line \(line): \(message)"
        }
    }

    package var rows: DatasetRows
    /// Every field that the file's records name.
    package var fields: [String]
    /// By line.
    package var problems: [Problem]
    package var sha256: Digest
    package var path: String
    /// Whether versions up to 0.1 read one of the values in another way, such as 1.10 as 1.1.
    package var isReadAnew: Bool

    /// The line of the file that a row begins on.
    package func line(ofRow row: Int) -> Int { rows.line(ofRow: row) ?? row }
}
