/// How many of a training's rows have more tokens than a row may have.
package struct LongRowCount: Codable, Hashable, Sendable {
    /// Those that are longer, held-back rows among them.
    package var long: Int
    /// All of them, 1 or more.
    package var rows: Int

    package init(long: Int, rows: Int) {
        self.long = long
        self.rows = rows
    }
}
