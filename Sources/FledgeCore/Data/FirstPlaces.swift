/// The first place of each key, found by the key's fingerprint: what has the same fingerprint is compared.
struct FirstPlaces {
    private var slots: [Int32]
    private var prints: [UInt64]
    private let mask: Int

    /// - Parameter count: of the places.
    init(count: Int) {
        var size = 16
        while size < 2 * count { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
        prints = [UInt64](repeating: 0, count: count)
        mask = size - 1
    }

    /// The first place that has the key of a place: that place itself where none before has it.
    @inline(__always)
    mutating func first(_ place: Int, _ print: UInt64, isSame: (Int) -> Bool) -> Int {
        var slot = Int(truncatingIfNeeded: print >> 20) & mask
        while true {
            let other = Int(slots[slot])
            if other < 0 {
                slots[slot] = Int32(place)
                prints[place] = print
                return place
            }
            if prints[other] == print, isSame(other) { return other }
            slot = (slot + 1) & mask
        }
    }
}

/// 64 bits of a text, which are not the same in another version.
enum Fingerprint {
    static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
        var print = UInt64(bytes.count) &* factor
        guard let base = bytes.baseAddress else { return mixed(print) }
        let raw = UnsafeRawPointer(base)
        var place = 0
        while place + 8 <= bytes.count {
            print = (print ^ raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* factor
            print ^= print >> 32
            place += 8
        }
        var rest: UInt64 = 0
        while place < bytes.count {
            rest = rest << 8 | UInt64(base[place])
            place += 1
        }
        return mixed((print ^ rest) &* factor)
    }

    /// Stafford's thirteenth mixer, the finish of SplitMix64.
    @inline(__always)
    static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
