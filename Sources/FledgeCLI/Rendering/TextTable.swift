import FledgeCore

/// Rows under headings, in columns as wide as their longest cell. A cell is one line, whatever it holds.
struct TextTable {
    struct Column {
        var title: String
        var isNumber = false
    }

    var columns: [Column]
    var rows: [[String]]

    /// A heading that begins with `#` is of a column of numbers, set to the right; the `#` is not shown.
    init(_ titles: [String], rows: [[String]]) {
        columns = titles.map {
            $0.hasPrefix("#") ? Column(title: String($0.dropFirst()), isNumber: true) : Column(title: $0)
        }
        self.rows = rows
    }

    /// Longer cells are cut: one would make every row as wide.
    static let widestCell = 500

    func render() -> String {
        let lines = ([columns.map { $0.title.uppercased() }] + rows).map { line in
            line.map { InertText.line($0, limit: Self.widestCell) }
        }
        let widths = columns.indices.map { index in lines.map { $0[index].count }.max() ?? 0 }
        return lines.map { line in
            let cells = columns.indices.map { index in
                let padding = String(repeating: " ", count: widths[index] - line[index].count)
                return columns[index].isNumber ? padding + line[index] : line[index] + padding
            }
            let text = cells.joined(separator: "  ")
            return String(text.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }
}
