/// Reads the parts of JSON (RFC 8259) from bytes: white space, words, numbers and texts. What is made of them, and what
/// more than the standard is let through, is for its users to say.
package struct JSONScanner {
    /// What is wrong; the place is then that of the fault.
    package enum Fault: Error {
        case digitMissing, leadingZero
        case textUnclosed, controlCharacter, escapeUnknown, hexadecimalMissing
        /// Half a pair of surrogates.
        case halfPair
        case nul
    }

    /// What texts may hold.
    package struct Texts: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Control characters that are not escaped.
        package static let controls = Texts(rawValue: 1)
        /// Escapes of half a pair of surrogates, which are read as U+FFFD.
        package static let halfPairs = Texts(rawValue: 2)
        /// The escape of the character NUL.
        package static let nul = Texts(rawValue: 4)
    }

    package let bytes: [UInt8]
    /// Where the next byte is.
    package var place: Int
    /// Where the bytes end for now.
    package var end: Int
    private let texts: Texts

    package init(_ bytes: [UInt8], from place: Int = 0, texts: Texts) {
        self.bytes = bytes
        self.place = place
        self.texts = texts
        end = bytes.count
    }

    package var next: UInt8? { place < end ? bytes[place] : nil }

    package mutating func skipSpace() {
        while place < end {
            let byte = bytes[place]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            place += 1
        }
    }

    package mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard place < end, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    package mutating func take(word: StaticString) -> Bool {
        guard starts(with: word) else { return false }
        place += word.utf8CodeUnitCount
        return true
    }

    package func starts(with word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        return count <= end - place
            && bytes[place..<(place + count)].elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: count))
    }

    // MARK: Numbers

    /// Reads a number. - Returns: where it is written.
    package mutating func number() throws(Fault) -> Range<Int> {
        let start = place
        _ = take("-")
        let whole = place
        try digits()
        if place - whole > 1, bytes[whole] == UInt8(ascii: "0") { throw .leadingZero }
        if take(".") { try digits() }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            try digits()
        }
        return start..<place
    }

    private mutating func digits() throws(Fault) {
        let start = place
        while place < end, bytes[place] >= 0x30, bytes[place] <= 0x39 { place += 1 }
        if place == start { throw .digitMissing }
    }

    // MARK: Texts

    /// Reads the text whose quote is next. Bytes that are no UTF-8 become U+FFFD.
    package mutating func text() throws(Fault) -> String {
        var text: [UInt8] = []
        try self.text(onto: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the text whose quote is next, onto the end of another.
    package mutating func text(onto text: inout [UInt8]) throws(Fault) {
        place += 1
        while true {
            let run = place
            skipPlain()
            text += bytes[run..<place]
            switch next {
            case UInt8(ascii: "\""):
                place += 1
                return
            case UInt8(ascii: "\\"): try escape(onto: &text)
            case let control?:
                guard texts.contains(.controls) else { throw .controlCharacter }
                text.append(control)
                place += 1
            case nil: throw .textUnclosed
            }
        }
    }

    /// Goes on to the next quote, backslash or control character.
    private mutating func skipPlain() {
        place = bytes.withUnsafeBufferPointer { bytes in
            bytes[place..<end].firstIndex { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") || $0 < 0x20 } ?? end
        }
    }

    private mutating func escape(onto text: inout [UInt8]) throws(Fault) {
        let start = place
        place += 1
        guard let byte = next else { throw .escapeUnknown }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): return try unicodeEscape(from: start, onto: &text)
        default: throw .escapeUnknown
        }
        place += 1
    }

    /// Reads on from the `u`; a high surrogate takes its low one along.
    private mutating func unicodeEscape(from start: Int, onto text: inout [UInt8]) throws(Fault) {
        var code = try fourDigits()
        if (0xD800..<0xDC00).contains(code), starts(with: "\\u") {
            let behind = place
            place += 1
            let low = try fourDigits()
            if (0xDC00..<0xE000).contains(low) {
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            } else {
                place = behind
            }
        }
        let instead: Unicode.Scalar? = texts.contains(.halfPairs) ? "\u{FFFD}" : nil
        guard let scalar = Unicode.Scalar(code) ?? instead else {
            place = start
            throw .halfPair
        }
        guard code != 0 || texts.contains(.nul) else {
            place = start
            throw .nul
        }
        text += String(scalar).utf8
    }

    private mutating func fourDigits() throws(Fault) -> UInt32 {
        place += 1
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw .hexadecimalMissing
            }
            code = code << 4 | UInt32(digit)
            place += 1
        }
        return code
    }
}
