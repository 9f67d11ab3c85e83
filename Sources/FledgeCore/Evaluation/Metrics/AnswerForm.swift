/// The forms in which an answer is compared with an expected text, from the mildest to the strictest: texts that agree in
/// one form agree in every form before it.
package enum AnswerForm: Int, Sendable, CaseIterable {
    /// Words, numbers and marks that carry meaning, in lower case: see `AnswerTokens`.
    case meaning
    /// `plain` in lower case.
    case caseless
    /// Every run of white space as one space, without invisible characters, without quotes, brackets or emphasis around the
    /// whole, and without sentence marks at the end.
    case plain
    /// As it stands, without white space at both ends.
    case exact

    package func of(_ text: String) -> String {
        switch self {
        case .exact: AnswerText.trimmed(text)
        case .plain: Self.plain(text)
        case .caseless: Self.plain(text).lowercased()
        case .meaning: AnswerTokens(Self.plain(text).lowercased()).text
        }
    }

    /// The words, numbers and meaning marks of a text; none for a text without any.
    package static func tokens(of text: String) -> [String] {
        AnswerTokens(plain(text).lowercased()).joined.split(separator: " ").map(String.init)
    }

    // MARK: Plain

    /// Wrappings are taken off one at a time, at most so many.
    private static let mostWrappings = 8

    private static func plain(_ text: String) -> String {
        var letters = Substring(spaced(text))
        for _ in 0..<mostWrappings {
            let before = letters
            // A text that is nothing but such marks stays as it is.
            var cut = letters
            while let last = cut.last, last == " " || sentenceEnds.contains(last) { cut.removeLast() }
            letters = unwrapped(cut.isEmpty ? letters : cut)
            if letters == before { break }
        }
        return String(letters)
    }

    private static let sentenceEnds: Set<Character> = [".", ",", ";", ":", "!", "?", "…", "。", "，", "；", "：", "！", "？"]

    /// Trimmed, with runs of white space as one space; without format characters and variation selectors.
    private static func spaced(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return text }
        var result = ""
        var isSpaceDue = false
        for scalar in text.unicodeScalars where !isInvisible(scalar) {
            if scalar.properties.isWhitespace {
                isSpaceDue = true
                continue
            }
            if isSpaceDue, !result.isEmpty { result.unicodeScalars.append(" ") }
            isSpaceDue = false
            result.unicodeScalars.append(scalar)
        }
        // A text of nothing else stays apart from an empty one.
        return result.isEmpty ? AnswerText.trimmed(text) : result
    }

    static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x80
            && (scalar.properties.generalCategory == .format || scalar.properties.isVariationSelector)
    }

    /// Without one pair of quotes, brackets or emphasis around the whole; what is left is not empty.
    private static func unwrapped(_ text: Substring) -> Substring {
        guard text.count > 2, let first = text.first, let last = text.last else { return text }
        let inner: Substring
        if first == last, ["\"", "'", "`", "*", "_"].contains(first) {
            let run = min(text.prefix { $0 == first }.count, text.reversed().prefix { $0 == first }.count)
            guard text.count > 2 * run else { return text }
            inner = text.dropFirst(run).dropLast(run)
            if inner.contains(first) { return text }
        } else if closing[first]?.contains(last) == true {
            inner = text.dropFirst().dropLast()
            var depth = 0
            for letter in inner {
                if letter == first { depth += 1 } else if letter == last { depth -= 1 }
                if depth < 0 { return text }
            }
        } else {
            return text
        }
        return inner.allSatisfy { $0 == " " } ? text : inner.trimmingSpaces
    }

    private static let closing: [Character: [Character]] = [
        "(": [")"], "[": ["]"], "{": ["}"], "“": ["”"], "‘": ["’"], "„": ["“", "”"], "«": ["»"], "»": ["«"], "‹": ["›"],
        "「": ["」"], "『": ["』"], "（": ["）"], "【": ["】"],
    ]
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var result = drop { $0 == " " }
        while result.last == " " { result.removeLast() }
        return result
    }
}
