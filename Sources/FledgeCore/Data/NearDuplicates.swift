/// Finds pairs of texts that are nearly the same.
///
/// A text is the set of its 5-character shingles, as suits short texts (Leskovec, Rajaraman and Ullman, *Mining of
/// Massive Datasets*, section 3.2.2). Two texts are near duplicates when the Jaccard similarity of their sets, the size
/// of what they share over the size of what they have together, is at least 0.8.
///
/// Candidates come from `MinHashSignatures`, which find a pair of similarity 0.8 with probability 0.998. Each candidate's
/// true similarity is then computed, so that no pair is reported wrongly. Shingles are made where they are looked at, and
/// not kept: those of all texts would be some times as large as the texts.
package enum NearDuplicates {
    package static let threshold = 0.8
    /// A text with fewer distinctive shingles is too short to be nearly the same as another: one word makes it another.
    package static let minimumShingles = 16
    /// A text is compared with at most so many others of a band's bucket, and at most so many pairs are kept.
    private static let bucketWindow = 128
    private static let maximumPairs = 2_000_000

    /// Two texts by their places, the first being the lower.
    package struct Pair: Hashable, Sendable {
        package var first: Int
        package var second: Int
        /// Jaccard similarity, from 0.8 to 1.
        package var similarity: Double
    }

    package struct Outcome: Sendable {
        /// By first, then second.
        package var pairs: [Pair]
        /// Whether every candidate was compared: false for texts of which thousands are nearly the same.
        package var isComplete: Bool
    }

    /// - Parameters:
    ///   - texts: normalised.
    ///   - places: of the texts that are compared, ascending.
    ///   - isContent: whether what tells two texts apart is known to matter, so that they are no duplicates.
    /// - Throws: `CancellationError` where the task was cancelled.
    package static func find(
        in texts: TextColumn, places: [Int], except isContent: (Int, Int) -> Bool = { _, _ in false }
    ) throws(CancellationError) -> Outcome {
        var point = CancellationPoint()
        let shingles = try Shingles(texts, places: places)
        let signatures = try MinHashSignatures(shingles, places: places, least: minimumShingles)
        var sets = ShingleSets(shingles, places: places)
        var buckets = Buckets(count: places.count)
        var pairs: [Pair] = []
        var isComplete = true
        for band in 0..<MinHashSignatures.bands {
            buckets.removeAll()
            for text in places.indices where signatures.isComparable(text) {
                try point.pass(16)
                var other = buckets.add(text, signatures[text, band]) { signatures[$0, band] }
                var compared = 0
                while other >= 0 {
                    if compared == bucketWindow {
                        isComplete = false
                        break
                    }
                    compared += 1
                    // Some microseconds; for two texts of a hundred thousand characters, some milliseconds.
                    try point.pass(4096)
                    // The pair was compared already where an earlier band brought it together.
                    if !signatures.agree(text, other, before: band), let similarity = sets.similarity(other, text),
                        similarity >= threshold, !isContent(places[other], places[text])
                    {
                        pairs.append(Pair(first: places[other], second: places[text], similarity: similarity))
                    }
                    other = buckets.before(other)
                }
                if pairs.count >= maximumPairs { break }
            }
            if pairs.count >= maximumPairs {
                isComplete = false
                break
            }
        }
        pairs.sort { ($0.first, $0.second) < ($1.first, $1.second) }
        return Outcome(pairs: pairs, isComplete: isComplete)
    }

    /// The texts of one band by their keys, newest first.
    private struct Buckets {
        private var newest: [Int32]
        private var previous: [Int32]
        private let mask: Int

        init(count: Int) {
            var size = 16
            while size < 2 * count { size *= 2 }
            newest = [Int32](repeating: -1, count: size)
            previous = [Int32](repeating: -1, count: count)
            mask = size - 1
        }

        mutating func removeAll() {
            newest.withUnsafeMutableBufferPointer { $0.update(repeating: -1) }
        }

        /// Takes in a text; gives the newest before it that has the same key, −1 where none has.
        @inline(__always)
        mutating func add(_ text: Int, _ key: UInt32, keyOf: (Int) -> UInt32) -> Int {
            var slot = Int(key) & mask
            var other = Int(newest[slot])
            while other >= 0, keyOf(other) != key {
                slot = (slot + 1) & mask
                other = Int(newest[slot])
            }
            newest[slot] = Int32(text)
            previous[text] = Int32(other)
            return other
        }

        func before(_ text: Int) -> Int { Int(previous[text]) }
    }

    /// The distinct shingles of the texts that are compared, each made when it is first asked for.
    private struct ShingleSets {
        /// More than these are forgotten, and made anew.
        private static let mostKept = 1 << 22

        private let shingles: Shingles
        private let places: [Int]
        private var sets: [Int: [UInt32]] = [:]
        private var kept = 0

        init(_ shingles: Shingles, places: [Int]) {
            self.shingles = shingles
            self.places = places
        }

        /// Nil where a text is too short, or where the sizes alone rule it out.
        mutating func similarity(_ left: Int, _ right: Int) -> Double? {
            if kept > Self.mostKept {
                sets.removeAll()
                kept = 0
            }
            let one = distinct(left)
            let other = distinct(right)
            let smaller = min(one.count, other.count)
            guard smaller >= minimumShingles, Double(smaller) >= threshold * Double(max(one.count, other.count)) else {
                return nil
            }
            let shared = Self.countShared(one, other)
            return Double(shared) / Double(one.count + other.count - shared)
        }

        private mutating func distinct(_ text: Int) -> [UInt32] {
            if let known = sets[text] { return known }
            let made = shingles.distinct(of: places[text])
            sets[text] = made
            kept += made.count
            return made
        }

        private static func countShared(_ one: [UInt32], _ other: [UInt32]) -> Int {
            one.withUnsafeBufferPointer { one in
                other.withUnsafeBufferPointer { other in
                    var shared = 0
                    var first = 0
                    var second = 0
                    while first < one.count && second < other.count {
                        let here = one[first]
                        let there = other[second]
                        if here == there { shared &+= 1 }
                        if here <= there { first &+= 1 }
                        if there <= here { second &+= 1 }
                    }
                    return shared
                }
            }
        }
    }
}
