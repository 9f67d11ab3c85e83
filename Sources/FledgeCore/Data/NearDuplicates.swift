/// Finds pairs of texts that are nearly the same.
///
/// A text is the set of its 5-character shingles, as suits short texts (Leskovec, Rajaraman and Ullman, *Mining of
/// Massive Datasets*, section 3.2.2). Two texts are near duplicates when the Jaccard similarity of their sets, the size
/// of what they share over the size of what they have together, is at least 0.8.
///
/// Candidates come from MinHash (Broder 1997, "On the resemblance and containment of documents") with 120 minima: 8
/// random permutations, each cut into 15 bins (Li, Owen and Zhang 2012, "One permutation hashing"), empty bins filled
/// from others (Shrivastava 2017, "Optimal densification"). Locality-sensitive hashing over 20 bands of 6 minima
/// (Leskovec et al., section 3.4) makes a pair of similarity s a candidate with probability 1 − (1 − s⁶)²⁰: 0.998 at 0.8,
/// above 0.9999 from 0.85. Each candidate's true similarity is then computed, so that no pair is reported wrongly.
package enum NearDuplicates {
    package static let shingleLength = 5
    package static let threshold = 0.8
    /// A text with fewer distinctive shingles is too short to be nearly the same as another: one word makes it another.
    package static let minimumShingles = 16
    /// Of a longer text, so many characters count.
    package static let maximumLength = 100_000
    /// A shingle that more than this share of the texts have is boilerplate, and tells nothing.
    package static let boilerplateShare = 0.9

    private static let permutations = 8
    private static let bins = 15
    private static let bands = 20
    private static let bandRows = 6
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
    ///   - isContent: whether what tells two texts apart is known to matter, so that they are no duplicates.
    package static func find(in texts: [String], except isContent: (Int, Int) -> Bool = { _, _ in false }) -> Outcome {
        let shingles = Shingles(texts)
        let keys = BandKeys(shingles)
        var pairs: [Pair] = []
        var isComplete = true
        for band in 0..<bands {
            var newest: [UInt64: Int] = [:]
            var previous = [Int](repeating: -1, count: texts.count)
            for text in texts.indices where shingles.isComparable(text) {
                let key = keys[text, band]
                var other = newest.updateValue(text, forKey: key) ?? -1
                previous[text] = other
                var compared = 0
                while other >= 0 {
                    if compared == bucketWindow {
                        isComplete = false
                        break
                    }
                    compared += 1
                    // The pair was compared already where an earlier band brought it together.
                    if !keys.agree(text, other, before: band), let similarity = shingles.similarity(other, text),
                        similarity >= threshold, !isContent(other, text)
                    {
                        pairs.append(Pair(first: other, second: text, similarity: similarity))
                    }
                    other = previous[other]
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

    /// Stafford's thirteenth mixer, the finish of SplitMix64.
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    // MARK: - Shingles

    /// The distinctive shingles of each text, as sorted hashes, one text behind the other.
    private struct Shingles {
        private(set) var hashes: [UInt32] = []
        private var starts: [Int] = [0]

        init(_ texts: [String]) {
            let boilerplate = Self.boilerplate(of: texts)
            starts.reserveCapacity(texts.count + 1)
            for text in texts {
                var previous: UInt32?
                for hash in Self.hashes(of: text).sorted() where hash != previous {
                    previous = hash
                    if boilerplate.isEmpty || !boilerplate.contains(hash) { hashes.append(hash) }
                }
                starts.append(hashes.count)
            }
        }

        var textCount: Int { starts.count - 1 }

        func range(of text: Int) -> Range<Int> { starts[text]..<starts[text + 1] }

        func isComparable(_ text: Int) -> Bool { starts[text + 1] - starts[text] >= minimumShingles }

        /// Nil where the sizes alone rule it out.
        func similarity(_ left: Int, _ right: Int) -> Double? {
            let leftRange = range(of: left)
            let rightRange = range(of: right)
            let smaller = min(leftRange.count, rightRange.count)
            guard Double(smaller) >= threshold * Double(max(leftRange.count, rightRange.count)) else { return nil }
            var shared = 0
            var first = leftRange.lowerBound
            var second = rightRange.lowerBound
            while first < leftRange.upperBound && second < rightRange.upperBound {
                let one = hashes[first]
                let other = hashes[second]
                if one == other { shared += 1 }
                if one <= other { first += 1 }
                if other <= one { second += 1 }
            }
            return Double(shared) / Double(leftRange.count + rightRange.count - shared)
        }

        /// What nearly every text of a sample has.
        private static func boilerplate(of texts: [String]) -> Set<UInt32> {
            guard texts.count >= 20 else { return [] }
            let sample = stride(from: 0, to: texts.count, by: max(1, texts.count / 1000)).map { texts[$0] }
            var counts: [UInt32: Int] = [:]
            for text in sample {
                for hash in Set(hashes(of: text)) { counts[hash, default: 0] += 1 }
            }
            return Set(counts.filter { Double($0.value) > boilerplateShare * Double(sample.count) }.keys)
        }

        private static func hashes(of text: String) -> [UInt32] {
            let scalars = text.unicodeScalars.prefix(maximumLength).map { UInt64($0.value) }
            guard scalars.count >= shingleLength else { return [] }
            var hashes: [UInt32] = []
            hashes.reserveCapacity(scalars.count - shingleLength + 1)
            for start in 0...(scalars.count - shingleLength) {
                var code: UInt64 = 0
                for place in start..<start + shingleLength { code = code &* 0x1_0000_01B3 &+ scalars[place] &+ 1 }
                hashes.append(UInt32(truncatingIfNeeded: mix(code) >> 32))
            }
            return hashes
        }
    }

    // MARK: - Bands

    /// For each text and band, a number that is the same where all minima of the band are.
    private struct BandKeys {
        private var keys: [UInt64] = []

        init(_ shingles: Shingles) {
            let textCount = shingles.textCount
            keys = [UInt64](repeating: 0, count: textCount * bands)
            let seeds = (0..<permutations).map { mix(UInt64($0) &+ 0x9E37_79B9_7F4A_7C15) }
            let donors = Self.donors()
            let unset = UInt64.max
            var minima = [UInt64](repeating: unset, count: permutations * bins)
            var filled = minima
            for text in 0..<textCount where shingles.isComparable(text) {
                for place in minima.indices { minima[place] = unset }
                for position in shingles.range(of: text) {
                    let shingle = UInt64(shingles.hashes[position])
                    var base = 0
                    for seed in seeds {
                        let hash = mix(shingle ^ seed)
                        // The high half picks the bin, the low half is the value: both as good as random.
                        let place = base + Int(((hash >> 32) &* UInt64(bins)) >> 32)
                        let value = hash & 0xFFFF_FFFF
                        if value < minima[place] { minima[place] = value }
                        base += bins
                    }
                }
                for place in minima.indices {
                    filled[place] = minima[place]
                    if minima[place] == unset, let donor = donors[place].first(where: { minima[$0] != unset }) {
                        filled[place] = minima[donor]
                    }
                }
                for band in 0..<bands {
                    var key = UInt64(band)
                    // Minima that stand 20 apart are never of one permutation.
                    for row in 0..<bandRows { key = mix(key &* 31 &+ filled[band + row * bands]) }
                    keys[text * bands + band] = key
                }
            }
        }

        subscript(text: Int, band: Int) -> UInt64 { keys[text * bands + band] }

        func agree(_ left: Int, _ right: Int, before band: Int) -> Bool {
            for earlier in 0..<band where keys[left * bands + earlier] == keys[right * bands + earlier] { return true }
            return false
        }

        /// For each bin, the other bins of its permutation in an order that is random and always the same.
        private static func donors() -> [[Int]] {
            var random = SplitMix64(seed: 1)
            return (0..<permutations * bins).map { place in
                let first = place / bins * bins
                return (first..<first + bins).filter { $0 != place }.shuffled(using: &random)
            }
        }
    }
}
