import Foundation

/// Whether a pattern is found in an answer.
package enum RegularExpressionScorer {
    /// Reports of steps taken at one place of the text before the search is given up: about half a second of backtracking.
    private static let maximumReports = 2_000

    /// ICU's dialect, over the first 10,000 characters, with `^` and `$` at line ends; false for a pattern that does not
    /// compile, and for one that backtracks so long that it is given up.
    ///
    /// ICU reports each place of the text that it begins at, and every so many steps. Reports are counted and no clock is
    /// read, so that the same answer gets the same score on every machine.
    package static func matches(_ output: String, pattern: String) -> Bool {
        guard let expression = compiled(pattern) else { return false }
        let text = String(output.prefix(10_000))
        var isFound = false
        var reportsLeft = text.utf16.count + maximumReports
        expression.enumerateMatches(
            in: text, options: .reportProgress, range: NSRange(text.startIndex..., in: text)
        ) { match, _, stop in
            if match != nil { isFound = true }
            reportsLeft -= 1
            if isFound || reportsLeft <= 0 { stop.pointee = true }
        }
        return isFound
    }

    /// Whether a pattern compiles: what validation asks.
    package static func compiles(_ pattern: String) -> Bool { compiled(pattern) != nil }

    private static func compiled(_ pattern: String) -> NSRegularExpression? {
        try? NSRegularExpression(pattern: pattern, options: [.anchorsMatchLines])
    }
}
