/// FNV-1a with a SplitMix64 finish: a hash that is the same in every process, for splits and draws.
package enum StableHash {
    package static func hash(_ text: String, seed: UInt64) -> UInt64 {
        var text = text
        return text.withUTF8 { hash($0, seed: seed) }
    }

    static func hash(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        if let base = bytes.baseAddress {
            var place = 0
            while place < bytes.count {
                hash ^= UInt64(base[place])
                hash &*= 0x0000_0100_0000_01B3
                place += 1
            }
        }
        var mixer = SplitMix64(seed: hash ^ (seed &* 0x9E37_79B9_7F4A_7C15))
        return mixer.next()
    }
}
