/// A decimal number of any length, as it is written: `1.10` is `1.1`, and no digit is lost to binary.
package struct ExactDecimal: Hashable, Sendable {
    private let isNegative: Bool
    /// Without zeros at both ends; empty for zero.
    private let digits: [UInt8]
    /// The number is 0.digits × 10^exponent.
    private let exponent: Int

    /// - Parameter text: digits with an optional sign, fraction and exponent (`-0.5`, `.5`, `1e3`), nothing else; the exponent
    ///   lies within ±1,000,000. Nil for any other text.
    package init?(_ text: some StringProtocol) {
        var rest = Array(text.utf8)[...]
        func takeDigits() -> ArraySlice<UInt8> {
            let taken = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
            rest = rest.dropFirst(taken.count)
            return taken
        }
        func takeSign() -> Bool {
            guard let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") else { return false }
            rest = rest.dropFirst()
            return first == UInt8(ascii: "-")
        }
        let isNegative = takeSign()
        let whole = takeDigits()
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = takeDigits()
            if fraction.isEmpty { return nil }
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var power = 0
        if let first = rest.first, first | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            let isBelowOne = takeSign()
            guard let value = Int(String(decoding: takeDigits(), as: UTF8.self)), value <= 1_000_000 else { return nil }
            power = isBelowOne ? -value : value
        }
        guard rest.isEmpty else { return nil }
        let all = whole + fraction
        let leading = all.prefix { $0 == 0x30 }.count
        var digits = Array(all.dropFirst(leading))
        while digits.last == 0x30 { digits.removeLast() }
        self.digits = digits
        self.isNegative = isNegative && !digits.isEmpty
        exponent = digits.isEmpty ? 0 : whole.count - leading + power
    }
}
