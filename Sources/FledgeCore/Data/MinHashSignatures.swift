import Dispatch
import Synchronization

/// Brings texts together that are likely to be near duplicates: MinHash (Broder 1997, "On the resemblance and containment
/// of documents") with 120 minima of 8 random permutations, each cut into 16 bins (Li, Owen and Zhang 2012, "One
/// permutation hashing"), empty bins filled from others (Shrivastava 2017, "Optimal densification"). A permutation is the
/// high half of a · x + b, which is strongly universal (Dietzfelbinger 1996); x is a shingle's hash, random already.
///
/// Locality-sensitive hashing over 20 bands of 6 minima (Leskovec et al., section 3.4) makes a pair of similarity s a
/// candidate with probability 1 − (1 − s⁶)²⁰: 0.998 at 0.8, above 0.9999 from 0.85.
struct MinHashSignatures: Sendable {
    static let bands = 20
    private static let bandRows = 6
    private static let permutations = 8
    private static let bins = 16
    private static let places = permutations * bins
    private static let unset = UInt32.max

    private let count: Int
    /// For each band and text, a number that is the same where all minima of the band are.
    private var keys: [UInt32]
    private var comparable: [Bool]

    /// - Parameters:
    ///   - places: of the texts.
    ///   - least: a text with fewer shingles is not compared.
    /// - Throws: `CancellationError` where the task was cancelled.
    init(_ shingles: Shingles, places: [Int], least: Int) throws(CancellationError) {
        count = places.count
        keys = [UInt32](repeating: 0, count: Self.bands * places.count)
        comparable = [Bool](repeating: false, count: places.count)
        let maker = Maker()
        let count = count
        // Only the thread that the task runs on, which does its part of the pieces, sees that the task was cancelled.
        let isCancelled = Atomic(false)
        keys.withUnsafeMutableBufferPointer { keys in
            comparable.withUnsafeMutableBufferPointer { comparable in
                guard let keys = keys.baseAddress, let comparable = comparable.baseAddress else { return }
                let target = Target(keys: keys, comparable: comparable)
                // Each piece writes what is its own, so that the order does not matter.
                let piece = 2048
                DispatchQueue.concurrentPerform(iterations: (count + piece - 1) / piece) { number in
                    let scratch = Shingles.Scratch()
                    let signature = Signature()
                    var point = CancellationPoint()
                    for text in (number * piece)..<min(count, (number + 1) * piece) {
                        if isCancelled.load(ordering: .relaxed) { return }
                        shingles.write(places[text], to: scratch)
                        do { try point.pass(64 + 8 * scratch.count) } catch {
                            isCancelled.store(true, ordering: .relaxed)
                            return
                        }
                        guard scratch.count >= least else { continue }
                        target.comparable[text] = true
                        maker.sign(scratch, in: signature)
                        maker.write(signature, to: target.keys + text, stride: count)
                    }
                }
            }
        }
        if isCancelled.load(ordering: .relaxed) { throw CancellationError() }
        try CancellationPoint.check()
    }

    /// Whether a text has shingles enough, as far as can be told without counting repeated ones once.
    func isComparable(_ text: Int) -> Bool { comparable[text] }

    subscript(text: Int, band: Int) -> UInt32 { keys[band * count + text] }

    func agree(_ left: Int, _ right: Int, before band: Int) -> Bool {
        for earlier in 0..<band where self[left, earlier] == self[right, earlier] { return true }
        return false
    }

    /// What the pieces write to, each to its own texts.
    private struct Target: @unchecked Sendable {
        let keys: UnsafeMutablePointer<UInt32>
        let comparable: UnsafeMutablePointer<Bool>
    }

    /// The minima of one text, with the empty ones filled behind them.
    private final class Signature {
        let minima = UnsafeMutablePointer<UInt32>.allocate(capacity: places)
        let filled = UnsafeMutablePointer<UInt32>.allocate(capacity: places)

        deinit {
            minima.deallocate()
            filled.deallocate()
        }
    }

    private struct Maker: Sendable {
        private let factors: [UInt64]
        private let summands: [UInt64]
        private let weights: [UInt64]
        /// For each bin, the other bins of its permutation in an order that is random and always the same.
        private let donors: [[Int]]

        init() {
            var random = SplitMix64(seed: 1)
            factors = (0..<permutations).map { _ in random.next() | 1 }
            summands = (0..<permutations).map { _ in random.next() }
            weights = (0..<bandRows).map { _ in random.next() | 1 }
            donors = (0..<places).map { place in
                let first = place / bins * bins
                return (first..<first + bins).filter { $0 != place }.shuffled(using: &random)
            }
        }

        func sign(_ shingles: Shingles.Scratch, in signature: Signature) {
            let hashes = shingles.hashes
            let count = shingles.count
            var minima = signature.minima
            minima.update(repeating: unset, count: places)
            for permutation in 0..<permutations {
                let factor = factors[permutation]
                let summand = summands[permutation]
                var place = 0
                while place < count {
                    let hash = UInt64(hashes[place]) &* factor &+ summand
                    // The highest bits pick the bin, those below are the value.
                    let bin = Int(truncatingIfNeeded: hash >> 60)
                    let value = UInt32(truncatingIfNeeded: hash >> 32) & 0x0FFF_FFFF
                    minima[bin] = value < minima[bin] ? value : minima[bin]
                    place &+= 1
                }
                minima += bins
            }
        }

        /// Writes the key of each band, one `stride` behind the other.
        func write(_ signature: Signature, to keys: UnsafeMutablePointer<UInt32>, stride: Int) {
            let minima = signature.minima
            let filled = signature.filled
            var place = 0
            while place < places {
                filled[place] = minima[place]
                if minima[place] == unset, let donor = donors[place].first(where: { minima[$0] != unset }) {
                    filled[place] = minima[donor]
                }
                place &+= 1
            }
            weights.withUnsafeBufferPointer { weights in
                guard let weights = weights.baseAddress else { return }
                var band = 0
                while band < bands {
                    var sum: UInt64 = 0
                    var row = 0
                    while row < bandRows {
                        // Minima that stand 20 apart are never of one permutation.
                        sum = sum &+ UInt64(filled[band &+ row &* bands]) &* weights[row]
                        row &+= 1
                    }
                    keys[band &* stride] = UInt32(truncatingIfNeeded: sum >> 32)
                    band &+= 1
                }
            }
        }
    }
}
