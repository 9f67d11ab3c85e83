/// Compares the first number of an answer with the expected one.
package enum NumericScorer {
    /// |answer − expected| ≤ tolerance. Thousands separators (`1,234.5`) are read, and text around the number is passed over.
    package static func matches(output: String, expected: String, tolerance: Double) -> Bool {
        guard let given = firstNumber(in: output), let wanted = firstNumber(in: expected) else { return false }
        // Decimal fractions are not exact in binary: a hair of slack keeps 0.3 within 0.1 of 0.2.
        return abs(given - wanted) <= tolerance + 1e-9 * max(1, abs(wanted))
    }

    /// The first number in a text, digits with an optional sign, fraction and exponent.
    package static func firstNumber(in text: String) -> Double? {
        let number = /[-+]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?/
        guard let match = text.firstMatch(of: number) else { return nil }
        return Double(match.output.replacing(",", with: ""))
    }
}
