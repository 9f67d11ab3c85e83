import Foundation

/// A text in the forms in which two texts are compared for being the same.
package struct NormalizedText: Hashable, Sendable {
    /// Unicode NFKC, case folded (upper, then lower case: `ß` becomes `ss`, final `ς` becomes `σ`), format characters such
    /// as soft hyphens and zero-width spaces left out, every run of white space one space, none at the ends.
    package let light: String
    /// `light` without apostrophes, with every run of other punctuation (general categories Pc, Pd, Ps, Pe, Pi, Pf, Po)
    /// one space. Symbols such as `+`, `<` and `€` stay. `light` itself where nothing else is left.
    package let plain: String

    package init(_ text: String) {
        if let ascii = Self.ascii(text) {
            (light, plain) = ascii
            return
        }
        let folded = text.precomposedStringWithCompatibilityMapping.uppercased().lowercased()
            .precomposedStringWithCompatibilityMapping
        var light = SpacedText()
        var plain = SpacedText()
        for scalar in folded.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .format: continue
            case _ where scalar.properties.isWhitespace:
                light.space()
                plain.space()
            case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
                .finalPunctuation, .otherPunctuation:
                light.append(scalar)
                if scalar != "'" && scalar != "\u{2019}" { plain.space() }
            default:
                light.append(scalar)
                plain.append(scalar)
            }
        }
        self.light = light.text
        self.plain = plain.text.isEmpty ? light.text : plain.text
    }

    /// The words of `plain`, in order. Scripts without spaces between words give a word for each character.
    package var words: [Substring] {
        let words = plain.split(separator: " ")
        if plain.utf8.allSatisfy({ $0 < 0x80 }) { return words }
        return words.flatMap(Self.parts)
    }

    /// A plain text with each run of digits as one `0`: what texts have in common that differ in numbers alone. Nil for a
    /// text without digits.
    package static func withoutNumbers(_ plain: String) -> String? {
        var result = ""
        var isInNumber = false
        var hasDigits = false
        for scalar in plain.unicodeScalars {
            let isDigit = scalar.properties.generalCategory == .decimalNumber
            if !isDigit { result.unicodeScalars.append(scalar) } else if !isInNumber { result += "0" }
            isInNumber = isDigit
            hasDigits = hasDigits || isDigit
        }
        return hasDigits ? result : nil
    }

    // MARK: - ASCII, which needs no tables

    private static func ascii(_ text: String) -> (String, String)? {
        var text = text
        return text.withUTF8 { bytes in
            let scratch = ByteScratch()
            guard scratch.append(bytes, by: .light) else { return nil }
            let light = scratch.text
            scratch.clear()
            _ = scratch.append(bytes, by: .plain)
            return (light, scratch.count == 0 ? light : scratch.text)
        }
    }

    // MARK: - Words without spaces

    private static func parts(of word: Substring) -> [Substring] {
        var parts: [Substring] = []
        var start = word.startIndex
        for place in word.unicodeScalars.indices where isWordByItself(word.unicodeScalars[place]) {
            if start < place { parts.append(word[start..<place]) }
            let next = word.unicodeScalars.index(after: place)
            parts.append(word[place..<next])
            start = next
        }
        if start < word.endIndex { parts.append(word[start...]) }
        return parts
    }

    /// Thai, Lao, Myanmar, Khmer, kana and Han.
    private static func isWordByItself(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF, 0x3400...0x9FFF, 0xF900...0xFAFF,
            0x20000...0x3FFFF:
            true
        default: false
        }
    }
}

/// Text in which runs of white space become one space, with none at the ends.
private struct SpacedText {
    private(set) var text = ""
    private var isSpaceDue = false

    mutating func space() { isSpaceDue = true }

    mutating func append(_ scalar: Unicode.Scalar) {
        if isSpaceDue && !text.isEmpty { text.unicodeScalars.append(" ") }
        isSpaceDue = false
        text.unicodeScalars.append(scalar)
    }
}
