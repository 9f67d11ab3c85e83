import Foundation

/// Whether a pattern is found in an answer.
package enum RegularExpressionScorer {
    /// ICU's dialect, over the first 10,000 characters, with `^` and `$` at line ends; false for a pattern that does not compile.
    package static func matches(_ output: String, pattern: String) -> Bool {
        guard let expression = compiled(pattern) else { return false }
        let text = String(output.prefix(10_000))
        return expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }

    /// Whether a pattern compiles: what validation asks.
    package static func compiles(_ pattern: String) -> Bool { compiled(pattern) != nil }

    private static func compiled(_ pattern: String) -> NSRegularExpression? {
        try? NSRegularExpression(pattern: pattern, options: [.anchorsMatchLines])
    }
}
