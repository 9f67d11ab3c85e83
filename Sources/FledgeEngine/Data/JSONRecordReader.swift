/// Reads one JSON object with plain values (RFC 8259): text unescaped, numbers and truth values as the file writes them.
struct JSONRecordReader {
    /// What is wrong with an object.
    struct Fault: Error, Hashable {
        /// Reads on from `row 7`.
        var message: String
        /// Where in the bytes.
        var offset: Int
        var kind = Kind.malformed

        enum Kind {
            case malformed
            /// The bytes end before the object does.
            case endsEarly
            /// A value is an object or an array.
            case nested
        }
    }

    struct Member {
        var key: Range<Int>
        /// Nil for null.
        var value: Range<Int>?
        var isNumber: Bool
    }

    /// The members of the object that was read, in its order; their ranges are of `text`.
    private(set) var members: [Member] = []
    private(set) var text: [UInt8] = []
    /// Behind the object that was read, and white space.
    private(set) var position = 0

    private let bytes: [UInt8]
    private var end = 0

    /// - Parameter bytes: UTF-8.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func key(_ member: Member) -> String { String(decoding: text[member.key], as: UTF8.self) }

    /// Reads the object in a range, with nothing else but white space in front of it.
    mutating func read(_ range: Range<Int>) throws(Fault) {
        members.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
        position = range.lowerBound
        end = range.upperBound
        skipSpace()
        guard take("{") else { throw fault("is not a JSON object") }
        skipSpace()
        if take("}") {
            skipSpace()
            return
        }
        repeat {
            skipSpace()
            guard position < end, bytes[position] == UInt8(ascii: "\"") else { throw expected("a name in quotes") }
            let key = try string(of: nil)
            skipSpace()
            guard take(":") else { throw expected("a colon") }
            skipSpace()
            try value(of: key)
            skipSpace()
        } while take(",")
        guard take("}") else { throw expected("a comma or }") }
        skipSpace()
    }

    // MARK: Values

    private mutating func value(of key: Range<Int>) throws(Fault) {
        guard position < end else { throw expected("a value") }
        switch bytes[position] {
        case UInt8(ascii: "\""):
            let value = try string(of: key)
            members.append(Member(key: key, value: value, isNumber: false))
        case UInt8(ascii: "-"), 0x30...0x39: try number(of: key)
        case UInt8(ascii: "{"): throw nested("an object", key)
        case UInt8(ascii: "["): throw nested("an array", key)
        default: try word(of: key)
        }
    }

    private func nested(_ what: String, _ key: Range<Int>) -> Fault {
        Fault(
            message:
                "has \(what) in the field \(name(key)): text, numbers, true, false and null are read, nothing deeper",
            offset: position, kind: .nested)
    }

    private mutating func word(of key: Range<Int>) throws(Fault) {
        for word in ["true", "false", "null"] where starts(with: word) {
            let start = text.count
            position += word.utf8.count
            if word == "null" {
                members.append(Member(key: key, value: nil, isNumber: false))
            } else {
                text += word.utf8
                members.append(Member(key: key, value: start..<text.count, isNumber: false))
            }
            return
        }
        for word in ["NaN", "Infinity"] where starts(with: word) { throw notJSON(word, key) }
        throw expected("a value")
    }

    private func notJSON(_ word: String, _ key: Range<Int>) -> Fault {
        fault("has \(word) in the field \(name(key)), which is no JSON: write null, or put it in quotes")
    }

    private mutating func number(of key: Range<Int>) throws(Fault) {
        let first = position
        _ = take("-")
        if starts(with: "Infinity") { throw notJSON("-Infinity", key) }
        let isZero = position < end && bytes[position] == UInt8(ascii: "0")
        let whole = digits()
        guard whole > 0 else { throw expected("a digit") }
        if isZero, whole > 1 {
            throw fault("has a number that begins with 0 in the field \(name(key)): put it in quotes")
        }
        if take("."), digits() == 0 { throw expected("a digit") }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            if digits() == 0 { throw expected("a digit") }
        }
        let start = text.count
        text += bytes[first..<position]
        members.append(Member(key: key, value: start..<text.count, isNumber: true))
    }

    private mutating func digits() -> Int {
        let start = position
        while position < end, bytes[position] >= 0x30, bytes[position] <= 0x39 { position += 1 }
        return position - start
    }

    // MARK: Text

    /// Reads a text in quotes, unescaped. - Parameter key: of the value; nil where it is a key itself.
    private mutating func string(of key: Range<Int>?) throws(Fault) -> Range<Int> {
        let start = text.count
        position += 1
        var run = position
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                text += bytes[run..<position]
                position += 1
                return start..<text.count
            }
            if byte == UInt8(ascii: "\\") {
                text += bytes[run..<position]
                try escape(of: key)
                run = position
                continue
            }
            if byte < 0x20 { throw fault("has a control character in a text, at \(place): write \\n for a line end") }
            position += 1
        }
        throw expected("a quote that closes the text")
    }

    private mutating func escape(of key: Range<Int>?) throws(Fault) {
        position += 1
        guard position < end else { throw expected("an escape") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): try unicodeEscape(of: key)
        default:
            position -= 1
            throw expected("one of \" \\ / b f n r t u behind a backslash")
        }
    }

    private mutating func unicodeEscape(of key: Range<Int>?) throws(Fault) {
        let start = position - 2
        var code = try fourDigits()
        if (0xD800..<0xDC00).contains(code), starts(with: "\\u") {
            position += 2
            let low = try fourDigits()
            // No pair: reported as the lone half that it is, below.
            if (0xDC00..<0xE000).contains(low) { code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00) }
        }
        let owner = key.map { "the field \(name($0))" } ?? "a name"
        guard let scalar = Unicode.Scalar(code) else {
            position = start
            throw fault("has half a pair of surrogates in \(owner), at \(place): no character")
        }
        guard code != 0 else {
            position = start
            throw fault("has a NUL character in \(owner), which cannot be stored")
        }
        text += String(Character(scalar)).utf8
    }

    private mutating func fourDigits() throws(Fault) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard position < end, let digit = Character(UnicodeScalar(bytes[position])).hexDigitValue else {
                throw expected("four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    // MARK: Bytes

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < end, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < end {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else { return }
            position += 1
        }
    }

    private func starts(with word: String) -> Bool { bytes[position..<end].starts(with: word.utf8) }

    // MARK: What to say

    /// A name that may be shown: the first of many characters.
    private func name(_ key: Range<Int>) -> String {
        let name = String(decoding: text[key], as: UTF8.self)
        return name.count > 40 ? name.prefix(39) + "…" : name
    }

    private var place: String {
        let line = bytes[..<position].lastIndex { $0 == 0x0A || $0 == 0x0D }.map { $0 + 1 } ?? 0
        return "column \(String(decoding: bytes[line..<position], as: UTF8.self).unicodeScalars.count + 1)"
    }

    private func fault(_ message: String) -> Fault { Fault(message: message, offset: position) }

    private func expected(_ what: String) -> Fault {
        guard position < end else {
            return Fault(
                message: "ends before its object does: \(what) is missing", offset: position, kind: .endsEarly)
        }
        return fault("is not JSON: at \(place) should stand \(what)")
    }
}
