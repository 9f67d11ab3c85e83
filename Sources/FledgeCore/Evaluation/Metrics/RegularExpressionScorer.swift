/// Whether a pattern is found in an answer.
package enum RegularExpressionScorer {
    /// So much of an answer is looked at.
    private static let mostCharacters = 10_000
    /// Also where a character has a great many parts.
    private static let mostScalars = 32_768

    /// The pattern over the first 10,000 characters of an answer.
    ///
    /// Steps are counted, so that the same answer gets the same score on every machine; where steps are so dear that a second
    /// of a processor is over first, nothing is known either.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    package static func search(
        _ output: String, for pattern: Pattern, within limit: Pattern.Limit = Pattern.Limit()
    ) throws(CancellationError) -> Pattern.Outcome {
        let scalars = output.unicodeScalars
        let end = scalars.index(scalars.startIndex, offsetBy: mostScalars, limitedBy: scalars.endIndex)
        let text = String(scalars[..<(end ?? scalars.endIndex)])
        return try pattern.search(String(text.prefix(mostCharacters)), within: limit)
    }

    // MARK: What validation asks

    /// Whether a pattern can be searched for.
    package static func compiles(_ pattern: String) -> Bool { (try? Pattern(pattern)) != nil }

    private static let trialLength = 2_000

    /// Why a pattern may not do, though it is a regular expression; a trial may take a tenth of what a search may. Among others it is tried on texts of one letter or word,
    /// repeated, with something behind that does not match, which repeats within repeats take for ever on.
    package static func trouble(
        with pattern: String, within limit: Pattern.Limit = Pattern.Limit()
    ) throws(CancellationError) -> PatternTrouble? {
        let compiled: Pattern
        do throws(Pattern.Problem) { compiled = try Pattern(pattern) } catch {
            switch error {
            case .malformed: return nil
            case .tooLong: return .tooLong(units: pattern.utf16.count)
            case .tooManyReferences: return .tooManyReferences
            }
        }
        var letters: [Character] = ["a", "1", " "]
        // What the pattern itself speaks of is what it repeats.
        for character in pattern where character.isLetter || character.isNumber {
            if letters.count < 8, !letters.contains(character) { letters.append(character) }
        }
        let trial = limit.tenth
        for word in letters.map(String.init) + ["ab ", "a,"] {
            let text = String(repeating: word, count: trialLength / word.count) + "\u{1}!"
            if try compiled.search(text, within: trial) == .unknown { return .slow(on: word + word + word + "…!") }
        }
        return nil
    }
}
