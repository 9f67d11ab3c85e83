import Migrations

/// `docs/internals/schema.md`: what PostgreSQL says of a database that has every migration.
struct SchemaPage {
    let catalog: SchemaCatalog
    let comments: SchemaComments

    var text: String {
        let newest = Migrations.all.last.map { "\($0.version) (`\($0.name)`)" } ?? "0"
        return """
            # The schema

            What a database has after migration \(newest). Migrations stand in `migrations/sql`; what is said of a table or \
            a column is the comment there. Tables that only grow have the triggers `append_only` and `append_only_table`, \
            and the triggers `audit` write the chain of evidence.

            \(catalog.tables.map(section).joined(separator: "\n\n"))

            ## Views

            | view | columns | |
            |---|---|---|
            \(catalog.views.map(row).joined(separator: "\n"))

            ## Functions

            \(catalog.functions.map { "- `\($0)`" }.joined(separator: "\n"))

            This page is made from a migrated database: `FLEDGE_RECORD=1 make test TEST='--filter SchemaPageTests'` writes \
            it anew.

            """
    }

    private func section(_ table: String) -> String {
        let columns = (catalog.columns[table] ?? []).map { column in
            let cells = [
                "`\(column.name)`", column.type, column.isRequired ? "" : "yes",
                column.standard.map { "`\(cell($0))`" } ?? "",
                cell(comments.columns["\(table).\(column.name)"] ?? ""),
            ]
            return "| \(cells.joined(separator: " | ")) |"
        }
        let parts = SchemaCatalog.Kind.allCases.flatMap { kind in
            (catalog.parts[table] ?? []).filter { $0.kind == kind }
                .map { "- \(kind.words) `\($0.name)`: `\($0.definition)`" }
        }
        let head = ["## \(table)"] + (comments.relations[table].map { ["", $0] } ?? [])
        let header = ["", "| column | type | null | unless said | |", "|---|---|---|---|---|"]
        return (head + header + columns + (parts.isEmpty ? [] : [""]) + parts).joined(separator: "\n")
    }

    private func row(_ view: String) -> String {
        let columns = (catalog.columns[view] ?? []).map { "`\($0.name)` \($0.type)" }.joined(separator: ", ")
        return "| `\(view)` | \(columns) | \(cell(comments.relations[view] ?? "")) |"
    }

    /// A line of its own ends a row, and a bar a cell.
    private func cell(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ").replacing("|", with: "\\|")
    }
}

extension SchemaCatalog.Kind {
    fileprivate var words: String {
        switch self {
        case .primaryKey: "primary key"
        case .unique: "unique"
        case .foreignKey: "foreign key"
        case .check: "check"
        case .exclusion: "exclusion"
        case .uniqueIndex: "unique index"
        case .index: "index"
        case .trigger: "trigger"
        }
    }
}
