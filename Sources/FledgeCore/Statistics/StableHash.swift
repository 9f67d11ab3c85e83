/// FNV-1a with a SplitMix64 finish: a hash that is the same in every process, for splits and draws.
package enum StableHash {
    package static func hash(_ text: String, seed: UInt64) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 {
            hash ^= UInt64(byte)
            hash &*= 0x0000_0100_0000_01B3
        }
        var mixer = SplitMix64(seed: hash ^ (seed &* 0x9E37_79B9_7F4A_7C15))
        return mixer.next()
    }
}
