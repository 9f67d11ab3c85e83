/// A text's words and numbers, and the marks in it that carry meaning, in order.
///
/// Dropped are quotes, sentence marks, brackets that are balanced, emphasis, bullets, and hyphens and underscores between
/// words. Kept are a sign or a decimal point before a number, what stands inside a number (`1,234.50`, `10:30`, `3-4`),
/// a hyphen at a word's end (`A-`), brackets that are not balanced (`:(`), `!` before what it negates, foot and inch marks
/// behind a number, and every other mark and symbol: `+ # % & / @ < = > $ €`, emoji.
struct AnswerTokens {
    /// The tokens, parted by spaces.
    let joined: String
    private let original: String

    /// The tokens, parted by spaces; the text itself where it has none.
    var text: String { joined.isEmpty ? original : joined }

    private enum Kind: UInt8 {
        case space, letter, digit, dot, comma, colon, hyphen, longDash, quote, sentence, exclamation, open, close, low,
            star
        case dropped, mark
    }

    private struct Unit {
        var kind: Kind
        var bytes: Range<Int>
    }

    /// - Parameter text: in lower case, with single spaces.
    init(_ text: String) {
        let bytes = Array(text.utf8)
        let units = Self.units(of: text, bytes)
        let keepsBrackets = !Self.isBalanced(units, bytes)
        let keepsStars = !Self.hasEmphasis(units)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 8)
        var isInWord = false
        var quotes: Set<[UInt8]> = []
        func part() {
            if !isInWord, !result.isEmpty { result.append(0x20) }
        }
        for (place, unit) in units.enumerated() {
            let around = Around(units, place)
            switch unit.kind {
            case .letter, .digit:
                part()
                result += bytes[unit.bytes]
                isInWord = true
                continue
            case .dot where around.isDecimalPoint, .comma where around.isInNumber, .dot where around.isInNumber,
                .colon where around.isInNumber:
                part()
                result += bytes[unit.bytes]
                isInWord = true
                continue
            default: break
            }
            isInWord = false
            let isRepeated = unit.kind == .quote && !quotes.insert(Array(bytes[unit.bytes])).inserted
            let isKept =
                switch unit.kind {
                case .space, .letter, .digit, .dot, .comma, .colon, .sentence, .low, .dropped: false
                case .hyphen: around.isHyphenKept
                case .longDash: around.isLongDashKept
                case .quote: around.before == .digit && !isRepeated
                case .exclamation: around.isNegation
                case .open, .close: keepsBrackets
                case .star: keepsStars || around.isBetweenWords
                case .mark: true
                }
            guard isKept else { continue }
            part()
            // A minus is a minus, however it is drawn.
            result += unit.kind == .hyphen || unit.kind == .longDash ? [0x2D] : Array(bytes[unit.bytes])
        }
        joined = String(decoding: result, as: UTF8.self)
        original = text
    }

    // MARK: What stands around a mark

    private struct Around {
        /// Nil at the text's ends.
        let before: Kind?
        let after: Kind?
        /// Beyond spaces.
        private let wordBefore: Kind?
        private let wordAfter: Kind?

        init(_ units: [Unit], _ place: Int) {
            func kind(_ place: Int) -> Kind? { units.indices.contains(place) ? units[place].kind : nil }
            before = kind(place - 1)
            after = kind(place + 1)
            wordBefore = before == .space ? kind(place - 2) : before
            wordAfter = after == .space ? kind(place + 2) : after
        }

        var isInNumber: Bool { before == .digit && after == .digit }
        var isDecimalPoint: Bool { !isWord(before) && before != .dot && after == .digit }
        var isBetweenWords: Bool { isWord(before) && isWord(after) }
        var isNegation: Bool { !isWord(before) && (isWord(after) || after == .mark) }

        /// `-1`, `- 1`, `3 - 4`, `3-4`, `-x`, `A-`, `->`; not `sign-in`, and no bullet.
        var isHyphenKept: Bool {
            if isBetweenWords { return isInNumber }
            if isFree(before), isFree(after) { return wordBefore == .digit || wordAfter == .digit }
            return true
        }

        /// An en or em dash is a sign or a range only beside numbers.
        var isLongDashKept: Bool {
            if isWord(before), isWord(after) { return isInNumber }
            return after == .digit || wordAfter == .digit && isFree(before)
        }

        private func isWord(_ kind: Kind?) -> Bool { kind == .letter || kind == .digit }
        private func isFree(_ kind: Kind?) -> Bool { kind == nil || kind == .space }
    }

    private static func isBalanced(_ units: [Unit], _ bytes: [UInt8]) -> Bool {
        var open: [UInt8] = []
        for unit in units where unit.kind == .open || unit.kind == .close {
            let last = bytes[unit.bytes.upperBound - 1]
            if unit.kind == .open {
                open.append(last)
            } else if open.popLast().map({ pairs($0, last) }) != true {
                return false
            }
        }
        return open.isEmpty
    }

    /// Brackets of a kind have neighbouring codes, so that their last bytes differ by one or two.
    private static func pairs(_ open: UInt8, _ close: UInt8) -> Bool { close == open + 1 || close == open + 2 }

    /// Whether stars stand in pairs around words: `**right**`, not `5*`.
    private static func hasEmphasis(_ units: [Unit]) -> Bool {
        let stars = units.indices.filter { units[$0].kind == .star && !Around(units, $0).isBetweenWords }
        guard let first = stars.first, stars.count % 2 == 0 else { return false }
        let before = Around(units, first).before
        return before != .letter && before != .digit
            && units[first...].contains { $0.kind == .letter || $0.kind == .digit }
    }

    // MARK: Kinds

    private static func units(of text: String, _ bytes: [UInt8]) -> [Unit] {
        if bytes.allSatisfy({ $0 < 0x80 }) {
            return bytes.indices.map { Unit(kind: ascii[Int(bytes[$0])], bytes: $0..<($0 + 1)) }
        }
        var units: [Unit] = []
        var start = 0
        for character in text {
            let end = start + character.utf8.count
            units.append(Unit(kind: kind(of: character), bytes: start..<end))
            start = end
        }
        return units
    }

    private static let ascii: [Kind] = (0..<128).map { kind(of: Character(Unicode.Scalar($0))) }

    private static func kind(of character: Character) -> Kind {
        if character.isLetter { return .letter }
        if character.isNumber { return .digit }
        if character.isWhitespace { return .space }
        switch character {
        case ".": return .dot
        case ",": return .comma
        case ":": return .colon
        case "!", "！": return .exclamation
        case "-", "\u{2212}", "\u{2010}", "\u{2011}", "\u{FE63}", "\u{FF0D}": return .hyphen
        case "\"", "'", "′", "″", "’", "”": return .quote
        case "*": return .star
        case "`", "•", "‣", "◦", "▪", "·": return .dropped
        case ";", "?", "…", "¿", "¡", "。", "、", "，", "；", "：", "？", "؟", "،", "।": return .sentence
        default: break
        }
        switch character.unicodeScalars.first?.properties.generalCategory {
        case .dashPunctuation: return .longDash
        case .connectorPunctuation: return .low
        case .openPunctuation where "([{（［｛【「『〈《".contains(character): return .open
        case .closePunctuation where ")]}）］｝】」』〉》".contains(character): return .close
        case .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation: return .dropped
        case .control, .format, .nonspacingMark, .enclosingMark: return .dropped
        default: return .mark
        }
    }
}
