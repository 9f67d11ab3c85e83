import Migrations

/// What the migrations say of tables and columns: a comment stands in the lines just before what it is about.
struct SchemaComments {
    /// By table or view.
    private(set) var relations: [String: String] = [:]
    /// By `table.column`.
    private(set) var columns: [String: String] = [:]

    init(_ migrations: [Migration]) {
        for migration in migrations { read(migration.sql) }
    }

    private mutating func read(_ sql: String) {
        var comment: [Substring] = []
        var relation: Substring?
        for raw in sql.split(separator: "\n", omittingEmptySubsequences: false) {
            let line = raw.drop { $0 == " " }
            if line.hasPrefix("-- ") {
                comment.append(line.dropFirst(3))
                continue
            }
            let text = comment.joined(separator: " ")
            comment = []
            if let match = line.firstMatch(of: /^CREATE (?:TABLE|VIEW) (\w+)/) {
                relation = match.output.1
                if !text.isEmpty { relations[String(match.output.1)] = text }
            } else if let match = line.firstMatch(of: /^ALTER TABLE (\w+)/) {
                relation = match.output.1
            }
            if let relation, !text.isEmpty,
                let match = line.firstMatch(of: /^(?:ALTER TABLE \w+ )?(?:ADD COLUMN )?([a-z]\w*) [a-z]/)
            {
                columns["\(relation).\(match.output.1)"] = text
            }
            if line.hasSuffix(";") { relation = nil }
        }
    }
}
