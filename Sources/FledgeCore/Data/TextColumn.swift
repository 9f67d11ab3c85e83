/// The values of one field, row by row, as UTF-8 in one block: four bytes more than the text itself for each value.
package struct TextColumn: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [UInt32] = []
    /// Rows that have no value.
    private var absent: Set<Int> = []

    package init() {}

    package init(_ values: some Sequence<String?>) {
        for value in values {
            if let value { append(Array(value.utf8)[...]) } else { appendAbsent() }
        }
    }

    package var count: Int { ends.count }
    /// How many bytes all values have together.
    package var byteCount: Int { bytes.count }

    /// - Precondition: all values together stay below 4 GiB; a file that is read is smaller.
    package mutating func append(_ value: ArraySlice<UInt8>) {
        bytes += value
        ends.append(UInt32(bytes.count))
    }

    package mutating func append(_ value: UnsafeBufferPointer<UInt8>) {
        bytes += value
        ends.append(UInt32(bytes.count))
    }

    package mutating func appendAbsent() {
        absent.insert(ends.count)
        ends.append(UInt32(bytes.count))
    }

    package mutating func reserve(rows: Int, bytes byteCount: Int) {
        bytes.reserveCapacity(byteCount)
        ends.reserveCapacity(rows)
    }

    package func isAbsent(_ row: Int) -> Bool { !absent.isEmpty && absent.contains(row) }

    /// Nil where the row has no value.
    package subscript(row: Int) -> String? {
        isAbsent(row) ? nil : String(decoding: bytes[range(of: row)], as: UTF8.self)
    }

    /// Shows the bytes of a row's value, none where it has none.
    @inline(__always)
    package func withBytes<Result>(of row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let range = range(of: row)
        return bytes.withUnsafeBufferPointer { all in
            body(UnsafeBufferPointer(start: all.baseAddress.map { $0 + range.lowerBound }, count: range.count))
        }
    }

    /// For each row, the place of the first row with the same bytes.
    ///
    /// - Parameter pass: called with the bytes that were looked at, row by row.
    package func firstAlike<Failure>(pass: (Int) throws(Failure) -> Void) throws(Failure) -> [Int32] {
        var places = FirstPlaces(count: count)
        var firsts: [Int32] = []
        firsts.reserveCapacity(count)
        for row in 0..<count {
            let first = withBytes(of: row) { value in
                places.first(row, Fingerprint.of(value)) { other in
                    withBytes(of: other) { ByteScratch.areEqual($0, value) }
                }
            }
            firsts.append(Int32(first))
            try pass(64 + range(of: row).count)
        }
        return firsts
    }

    package func firstAlike() -> [Int32] { firstAlike { _ in } }
    private func range(of row: Int) -> Range<Int> {
        (row == 0 ? 0 : Int(ends[row - 1]))..<Int(ends[row])
    }
}
