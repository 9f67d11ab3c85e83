/// The values of one field, row by row, as UTF-8 in one block: four bytes more than the text itself for each value.
struct TextColumn: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [UInt32] = []
    /// Rows that have no value.
    private var absent: Set<Int> = []

    var count: Int { ends.count }

    /// - Precondition: all values together stay below 4 GiB; a file that is read is smaller.
    mutating func append(_ value: ArraySlice<UInt8>) {
        bytes += value
        ends.append(UInt32(bytes.count))
    }

    mutating func appendAbsent() {
        absent.insert(ends.count)
        ends.append(UInt32(bytes.count))
    }

    /// Nil where the row has no value.
    subscript(row: Int) -> String? {
        if !absent.isEmpty, absent.contains(row) { return nil }
        let start = row == 0 ? 0 : Int(ends[row - 1])
        return String(decoding: bytes[start..<Int(ends[row])], as: UTF8.self)
    }
}
