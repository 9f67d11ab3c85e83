/// What validation has to know of a definition's data file.
package struct DatasetFacts: Sendable {
    /// Why the file could not be read at all.
    package var error: FledgeError?
    package var rowCount: Int
    package var fields: [String]
    /// Distinct expected values.
    package var labels: Int
    /// With the line of the file that each row begins on.
    package var problems: [(row: Int, line: Int, message: String)]
    package var path: String?
    /// The expected answers that differ in a byte, and how many rows have each.
    package var answers: [(text: String, rows: Int)]

    package init(
        error: FledgeError?, rowCount: Int, fields: [String], labels: Int,
        problems: [(row: Int, line: Int, message: String)], path: String?, answers: [(text: String, rows: Int)] = []
    ) {
        self.error = error
        self.rowCount = rowCount
        self.fields = fields
        self.labels = labels
        self.problems = problems
        self.path = path
        self.answers = answers
    }
}
