/// Searches by Unicode scalars. A mark that an accent follows is another character to Swift, but the same mark to a shell,
/// a spreadsheet and a tokenizer.
extension String {
    package func containsScalars(of mark: String) -> Bool { unicodeScalars.contains(mark.unicodeScalars) }

    /// The text with another in every place of a mark, from left to right; as it is where the mark is empty.
    ///
    /// On bytes, as none of a scalar's is another's first: the standard library's `replacing` on scalars takes a time that
    /// grows with the square of how often the mark is there.
    package func replacingScalars(of mark: String, with text: String) -> String {
        let mark = Array(mark.utf8)
        guard let first = mark.first else { return self }
        let bytes = Array(utf8)
        var replaced: [UInt8] = []
        replaced.reserveCapacity(bytes.count)
        var place = 0
        while let next = bytes[place...].firstIndex(of: first) {
            replaced += bytes[place..<next]
            if bytes[next...].starts(with: mark) {
                replaced += text.utf8
                place = next + mark.count
            } else {
                replaced.append(first)
                place = next + 1
            }
        }
        return String(decoding: replaced + bytes[place...], as: UTF8.self)
    }
}
