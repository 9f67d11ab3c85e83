/// One in ten inputs is tried a second time with a part of it repeated, until it is larger than libFuzzer makes one: what
/// takes a time that grows with the square of the size, or room without a bound, shows at such a size alone.
///
/// Which inputs, which part and how often follow from the bytes, so that an input that failed fails again.
enum Enlarged {
    private static let clock = ContinuousClock()
    private nonisolated(unsafe) static var start = clock.now
    private nonisolated(unsafe) static var spent = Duration.zero

    /// Tries the input, and its large form where it has one.
    ///
    /// While libFuzzer makes inputs up, a quarter of the time, and a second, goes into large forms at the most: a run of some
    /// seconds still tries many. Inputs that are kept have all their turn.
    static func trying(_ bytes: [UInt8], _ target: ([UInt8]) -> Void) {
        target(bytes)
        guard let large = form(of: bytes) else { return }
        #if FUZZER
            guard spent < (clock.now - start) / 4 + .seconds(1) else { return }
        #endif
        spent += clock.measure { target(large) }
    }

    /// The beginning of the input as it is, then one of its parts 30 to 240 kB long, then its end.
    private static func form(of bytes: [UInt8]) -> [UInt8]? {
        // FNV-1a
        let hash = bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        guard hash % 10 == 0, bytes.count >= 4 else { return nil }
        let parts = parts(of: bytes)
        let part = bytes[parts[Int(truncatingIfNeeded: hash >> 8 & 0xFFFF) % parts.count]]
        let size = 30_000 << Int(truncatingIfNeeded: hash >> 24 & 3)
        let repeated = repeatElement(part, count: size / part.count).joined()
        return Array(bytes[..<part.startIndex]) + Array(repeated) + Array(bytes[part.startIndex...])
    }

    /// All of it, its lines but for the first, which says what the input is, what stands between two quotes, brackets or
    /// commas, and these themselves.
    private static func parts(of bytes: [UInt8]) -> [Range<Int>] {
        let marks = Set("\n\",;[]{}".utf8)
        var parts = [1..<bytes.count]
        var (line, word) = (bytes.firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count, 1)
        for place in bytes.indices.dropFirst() where marks.contains(bytes[place]) {
            if place > word { parts.append(word..<place) }
            // With the mark alone: nesting.
            parts.append(place..<place + 1)
            word = place + 1
            if bytes[place] == 0x0A, place >= line {
                parts.append(line..<place + 1)
                line = place + 1
            }
        }
        return parts
    }
}
