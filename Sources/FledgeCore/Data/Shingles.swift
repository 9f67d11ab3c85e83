/// The 5-character shingles of texts, as 32-bit hashes.
struct Shingles: Sendable {
    static let length = 5
    /// How many characters of a longer text count.
    static let maximumLength = 100_000
    /// A shingle that more than this share of the texts have is boilerplate, and tells nothing.
    static let boilerplateShare = 0.9

    private let texts: TextColumn
    private let boilerplate: Boilerplate?

    /// - Parameter places: of the texts among which boilerplate is looked for.
    /// - Throws: `CancellationError` where the task was cancelled.
    init(_ texts: TextColumn, places: [Int]) throws(CancellationError) {
        self.texts = texts
        boilerplate = try Self.boilerplate(of: texts, places: places)
    }

    /// The distinctive shingles of a text, each once, ascending.
    func distinct(of place: Int) -> [UInt32] {
        let scratch = Scratch()
        write(place, to: scratch)
        return scratch.distinct
    }

    /// Writes the distinctive shingles of a text, in its order, repeated ones too.
    func write(_ place: Int, to scratch: Scratch) {
        texts.withBytes(of: place) { Self.write($0, to: scratch) }
        guard let boilerplate else { return }
        scratch.count = boilerplate.remove(from: scratch.hashes, scratch.count)
    }

    /// The hashes of one text, written anew for each.
    final class Scratch {
        fileprivate(set) var hashes: UnsafeMutablePointer<UInt32>
        fileprivate(set) var count = 0
        private var capacity = 4096

        init() { hashes = .allocate(capacity: capacity) }

        deinit { hashes.deallocate() }

        fileprivate func makeRoom(for count: Int) {
            guard count > capacity else { return }
            hashes.deallocate()
            capacity = count
            hashes = .allocate(capacity: capacity)
        }

        fileprivate var distinct: [UInt32] {
            var result: [UInt32] = []
            result.reserveCapacity(count)
            for hash in UnsafeBufferPointer(start: hashes, count: count).sorted() where hash != result.last {
                result.append(hash)
            }
            return result
        }
    }

    // MARK: - Hashes

    private static func write(_ text: UnsafeBufferPointer<UInt8>, to scratch: Scratch) {
        scratch.count = 0
        guard ByteScratch.isASCII(text) else {
            let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
            write(scalars.prefix(maximumLength).map(\.value), to: scratch)
            return
        }
        let count = min(text.count, maximumLength)
        guard count >= length, let base = text.baseAddress else { return }
        scratch.makeRoom(for: count)
        let hashes = scratch.hashes
        var code: UInt64 = 0
        var place = 0
        while place < length - 1 {
            code = code << 8 | UInt64(base[place])
            place &+= 1
        }
        var written = 0
        while place < count {
            code = (code << 8 | UInt64(base[place])) & 0xFF_FFFF_FFFF
            hashes[written] = hash(code)
            written &+= 1
            place &+= 1
        }
        scratch.count = written
    }

    /// As above, of any characters.
    private static func write(_ scalars: [UInt32], to scratch: Scratch) {
        guard scalars.count >= length else { return }
        scratch.makeRoom(for: scalars.count)
        for start in 0...(scalars.count - length) {
            var code: UInt64 = 0
            var isASCII = true
            for place in start..<start + length {
                code = code << 8 | UInt64(scalars[place] & 0xFF)
                isASCII = isASCII && scalars[place] < 0x80
            }
            if !isASCII {
                code = 1
                for place in start..<start + length { code = code &* 0x1_0000_01B3 &+ UInt64(scalars[place]) &+ 1 }
            }
            scratch.hashes[start] = hash(code)
        }
        scratch.count = scalars.count - length + 1
    }

    @inline(__always)
    private static func hash(_ code: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: Fingerprint.mixed(code) >> 32)
    }

    // MARK: - Boilerplate

    /// What nearly every text of a sample has.
    private struct Boilerplate: Sendable {
        private let hashes: Set<UInt32>
        /// Whether one of them ends in these bits.
        private var mayBe = [Bool](repeating: false, count: 1 << 12)

        init(_ hashes: Set<UInt32>) {
            self.hashes = hashes
            for hash in hashes { mayBe[Int(hash & 0xFFF)] = true }
        }

        /// How many are left of some hashes.
        func remove(from found: UnsafeMutablePointer<UInt32>, _ count: Int) -> Int {
            mayBe.withUnsafeBufferPointer { mayBe in
                var kept = 0
                var place = 0
                while place < count {
                    let hash = found[place]
                    place &+= 1
                    if mayBe[Int(hash & 0xFFF)], hashes.contains(hash) { continue }
                    found[kept] = hash
                    kept &+= 1
                }
                return kept
            }
        }
    }

    private static func boilerplate(
        of texts: TextColumn, places: [Int]
    ) throws(CancellationError) -> Boilerplate? {
        guard places.count >= 20 else { return nil }
        var point = CancellationPoint()
        let scratch = Scratch()
        let sample = stride(from: 0, to: places.count, by: max(1, places.count / 1000)).map { places[$0] }
        var counts: [UInt32: Int] = [:]
        for place in sample {
            texts.withBytes(of: place) { write($0, to: scratch) }
            // Each is looked up in a table.
            try point.pass(64 + 8 * scratch.count)
            for hash in scratch.distinct { counts[hash, default: 0] += 1 }
        }
        let frequent = counts.filter { Double($0.value) > boilerplateShare * Double(sample.count) }
        return frequent.isEmpty ? nil : Boilerplate(Set(frequent.keys))
    }
}
