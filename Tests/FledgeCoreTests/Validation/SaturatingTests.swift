import FledgeCore
import Testing

@Suite("Numbers that do not fit")
struct SaturatingTests {
    @Test(
        "a Double becomes the nearest whole number of the type",
        arguments: [
            (Double.infinity, Int.max), (-.infinity, .min), (1e308, .max), (-1e308, .min), (.nan, 0), (2.9, 2),
            (-2.9, -2),
            (0x1p63, .max), (.leastNonzeroMagnitude, 0),
        ])
    func converts(value: Double, expected: Int) {
        #expect(Int(saturating: value) == expected)
        #expect(UInt64(saturating: -1.5) == 0 && UInt8(saturating: 300) == 255)
    }

    @Test("sums, differences and products end at the bounds")
    func reckons() {
        #expect(Int.max.saturatingSum(1) == .max && Int.min.saturatingSum(-1) == .min)
        #expect(Int.min.saturatingDifference(1) == .min && Int.max.saturatingDifference(-1) == .max)
        #expect(UInt8(3).saturatingDifference(4) == 0 && UInt8(200).saturatingSum(100) == 255)
        #expect(Int.max.saturatingProduct(2) == .max && Int.max.saturatingProduct(-2) == .min)
        #expect(Int.min.saturatingProduct(-1) == .max && 6.saturatingProduct(7) == 42)
    }

    @Test("amounts of a server's word are added up without an end of the daemon")
    func spends() {
        let most = SpendAmount(calls: .max, tokens: .max, costMicroDollars: .max)
        #expect(most + most == most && (most * 3) == most)
        #expect(SpendAmount.zero - most == SpendAmount(calls: -.max, tokens: -.max, costMicroDollars: -.max))
    }
}
