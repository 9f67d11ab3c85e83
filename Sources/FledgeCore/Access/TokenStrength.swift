import Foundation

/// How hard a token is to guess, judged by its looks: an upper bound, as nobody can see whether it is random.
package enum TokenStrength {
    /// What `openssl rand -hex 16` gives: more can't be tried.
    package static let enough = 128.0

    /// Bits: characters that the ones before do not tell, times what one of their kind can be.
    package static func bits(of token: String) -> Double {
        let scalars = Array(token.unicodeScalars)
        let told = period(of: scalars)
        let free = scalars.prefix(told)
        // A random text of some length has more than a few different characters.
        let kinds = min(alphabet(of: free), Double(Set(free).count * 3))
        guard kinds > 1 else { return 0 }
        return Double(surprising(free)) * log2(kinds)
    }

    /// The length after which it only repeats itself.
    private static func period(of scalars: [Unicode.Scalar]) -> Int {
        guard scalars.count > 1 else { return scalars.count }
        for length in 1...max(1, scalars.count / 2) {
            if scalars.indices.dropFirst(length).allSatisfy({ scalars[$0] == scalars[$0 - length] }) { return length }
        }
        return scalars.count
    }

    /// All but the ends of runs such as `aaaa`, `1234`, `dcba`.
    private static func surprising(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
        var (count, run) = (0, 0)
        var step: Int64?
        var before: Unicode.Scalar?
        for scalar in scalars {
            let next = before.map { Int64(scalar.value) - Int64($0.value) }
            run = next != nil && next == step ? run + 1 : 0
            if run < 2 { count += 1 }
            step = next
            before = scalar
        }
        return count
    }

    private static func alphabet(of scalars: ArraySlice<Unicode.Scalar>) -> Double {
        let texts = scalars.map(\.value)
        if texts.allSatisfy({ (0x30...0x39).contains($0) }) { return 10 }
        let isHexadecimal = texts.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || (0x41...0x46).contains($0)
        }
        if isHexadecimal { return 16 }
        var size = 0.0
        if texts.contains(where: { (0x61...0x7A).contains($0) }) { size += 26 }
        if texts.contains(where: { (0x41...0x5A).contains($0) }) { size += 26 }
        if texts.contains(where: { (0x30...0x39).contains($0) }) { size += 10 }
        if texts.contains(where: { $0 > 0x7A || $0 < 0x30 || (0x3A...0x40).contains($0) || (0x5B...0x60).contains($0) })
        {
            size += 2
        }
        return size
    }
}
