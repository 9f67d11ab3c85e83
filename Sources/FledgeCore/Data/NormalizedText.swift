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

    /// `plain` with each run of digits as one `0`: what texts have in common that differ in numbers alone.
    package var withoutNumbers: String {
        if let ascii = asciiWithoutNumbers { return ascii }
        var result = ""
        var isInNumber = false
        for scalar in plain.unicodeScalars {
            let isDigit = scalar.properties.generalCategory == .decimalNumber
            if !isDigit { result.unicodeScalars.append(scalar) } else if !isInNumber { result += "0" }
            isInNumber = isDigit
        }
        return result
    }

    // MARK: - ASCII, which needs no tables

    private static func ascii(_ text: String) -> (String, String)? {
        var light: [UInt8] = []
        var plain: [UInt8] = []
        light.reserveCapacity(text.utf8.count)
        plain.reserveCapacity(text.utf8.count)
        var lightSpace = false
        var plainSpace = false
        for byte in text.utf8 {
            if byte >= 0x80 { return nil }
            // Swift takes the information separators for control characters, as Unicode does, and not for white space.
            if byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) {
                lightSpace = true
                plainSpace = true
                continue
            }
            let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            if lightSpace && !light.isEmpty { light.append(0x20) }
            lightSpace = false
            light.append(lower)
            if byte == 0x27 { continue }
            if isPunctuation[Int(byte)] {
                plainSpace = true
                continue
            }
            if plainSpace && !plain.isEmpty { plain.append(0x20) }
            plainSpace = false
            plain.append(lower)
        }
        let lightText = String(decoding: light, as: UTF8.self)
        return (lightText, plain.isEmpty ? lightText : String(decoding: plain, as: UTF8.self))
    }

    private static let isPunctuation: [Bool] = (0..<128).map { "!\"#%&'()*,-./:;?@[\\]_{}".utf8.contains(UInt8($0)) }

    private var asciiWithoutNumbers: String? {
        var result: [UInt8] = []
        result.reserveCapacity(plain.utf8.count)
        for byte in plain.utf8 {
            if byte >= 0x80 { return nil }
            let isDigit = byte >= 0x30 && byte <= 0x39
            // A digit in the result stands for a whole run of them.
            if !isDigit || result.last != 0x30 { result.append(isDigit ? 0x30 : byte) }
        }
        return String(decoding: result, as: UTF8.self)
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
