import FledgeCore

/// Seeded messages of random words, so that no two are alike.
struct MessageMaker {
    private var random: SplitMix64
    private let vocabulary: [String]

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        var letters = SplitMix64(seed: 99)
        vocabulary = (0..<3000).map { _ in
            String(
                (0..<Int(3 + letters.next(below: 7))).map { _ in
                    Character(UnicodeScalar(UInt8(97 + letters.next(below: 26))))
                })
        }
    }

    mutating func words(_ count: Int) -> [String] {
        (0..<count).map { _ in vocabulary[Int(random.next(below: UInt64(vocabulary.count)))] }
    }

    mutating func message(words count: ClosedRange<Int> = 8...20) -> String {
        words(count.lowerBound + Int(random.next(below: UInt64(count.count)))).joined(separator: " ")
    }

    /// The text with some letters replaced.
    mutating func misspelt(_ text: String, changes: Int) -> String {
        var letters = Array(text)
        for _ in 0..<changes { letters[Int(random.next(below: UInt64(letters.count)))] = "#" }
        return String(letters)
    }
}
