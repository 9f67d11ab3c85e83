import FledgeCore
import Testing

@Suite("The small seeded generator")
struct SplitMix64Tests {
    @Test("its numbers are those of the published C program, so that stored draws can be made again")
    func published() {
        // Sebastiano Vigna's splitmix64.c with the state 1234567.
        let published: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ]
        var random = SplitMix64(seed: 1_234_567)
        for number in published { #expect(random.next() == number) }
    }
}
