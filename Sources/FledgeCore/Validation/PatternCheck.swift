import FledgeDocument

/// What is said of a definition's patterns.
package struct PatternCheck {
    let isRegularExpression: (String) -> Bool
    let trouble: (String) -> PatternTrouble?

    func check(_ pattern: String, at place: String, _ findings: inout DefinitionValidator.Findings) {
        // A pattern may be as long as a text may be, and a sentence may not.
        let shown = pattern.count > 200 ? "\(pattern.prefix(200))…" : pattern
        switch trouble(pattern) {
        case .tooLong(let units):
            findings.error(
                "criterion.pattern_too_long",
                "/\(shown)/ has \(units) characters, and a pattern at most \(Pattern.mostUnits)", at: place,
                hint: "compile what is searched for into a shorter pattern, or compare with Accuracy or JSONField")
        case .tooManyReferences:
            findings.error(
                "criterion.pattern_references",
                "/\(shown)/ refers to its groups, or asks for \\X, more than \(Pattern.mostReferences) times",
                at: place,
                hint: "each of them may read the whole answer at every step")
        case .slow(let text):
            findings.warning(
                "criterion.slow_pattern",
                "/\(shown)/ takes more steps than a search may on such a text as \"\(text)\"", at: place,
                hint:
                    "write it without repeats within repeats, as a+ for (a+)+: of answers that it takes too long over it is "
                    + "not known whether they match, and no gate passes on them")
        case nil:
            guard !isRegularExpression(pattern) else { return }
            findings.error("criterion.bad_pattern", "/\(shown)/ is not a regular expression", at: place, hint: nil)
        }
    }
}

/// Why a pattern that is a regular expression may not do.
package enum PatternTrouble: Hashable, Sendable {
    case tooLong(units: Int)
    case tooManyReferences
    /// Searched for in a text such as this one, it is given up.
    case slow(on: String)
}
