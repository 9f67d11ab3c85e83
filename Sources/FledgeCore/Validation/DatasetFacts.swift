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
    /// The expected answers, row by row.
    package var answers: [String]

    package init(
        error: FledgeError?, rowCount: Int, fields: [String], labels: Int,
        problems: [(row: Int, line: Int, message: String)], path: String?, answers: [String] = []
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
