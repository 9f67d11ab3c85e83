/// Reads JSON (RFC 8259) from bytes of valid UTF-8.
struct JSONTextReader {
    private let bytes: [UInt8]
    private(set) var place: Int
    private var depth = 0

    /// Deeper nesting is refused, so that no text overflows the stack.
    private static let maximumDepth = 128

    init(_ bytes: [UInt8], from place: Int = 0) {
        self.bytes = bytes
        self.place = place
    }

    /// Whether nothing but white space is left.
    var isAtEnd: Bool {
        var rest = self
        rest.skipSpace()
        return rest.place == bytes.count
    }

    /// The value that begins here, and the place behind it; nil where there is none.
    mutating func value() -> JSONText? {
        skipSpace()
        guard let byte = current else { return nil }
        switch byte {
        case UInt8(ascii: "{"): return nested { $0.object() }
        case UInt8(ascii: "["): return nested { $0.array() }
        case UInt8(ascii: "\""): return string().map(JSONText.text)
        case UInt8(ascii: "t"): return word("true").map { .bool(true) }
        case UInt8(ascii: "f"): return word("false").map { .bool(false) }
        case UInt8(ascii: "n"): return word("null").map { .null }
        default: return number()
        }
    }

    private var current: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        skipSpace()
        guard current == UInt8(ascii: byte) else { return false }
        place += 1
        return true
    }

    private mutating func word(_ word: StaticString) -> Void? {
        let end = place + word.utf8CodeUnitCount
        guard end <= bytes.count,
            bytes[place..<end].elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        else { return nil }
        place = end
        return ()
    }

    private mutating func nested(_ read: (inout Self) -> JSONText?) -> JSONText? {
        guard depth < Self.maximumDepth else { return nil }
        depth += 1
        defer { depth -= 1 }
        place += 1
        return read(&self)
    }

    private mutating func object() -> JSONText? {
        var object = JSONTextObject()
        if take("}") { return .object(object) }
        repeat {
            skipSpace()
            guard current == UInt8(ascii: "\""), let key = string(), take(":"), let value = value() else { return nil }
            if let earlier = object.members.updateValue(value, forKey: key), earlier != value {
                object.ambiguous.insert(key)
            }
        } while take(",")
        return take("}") ? .object(object) : nil
    }

    private mutating func array() -> JSONText? {
        var elements: [JSONText] = []
        if take("]") { return .array(elements) }
        repeat {
            guard let value = value() else { return nil }
            elements.append(value)
        } while take(",")
        return take("]") ? .array(elements) : nil
    }

    private mutating func number() -> JSONText? {
        let start = place
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { $0 >= 0x30 && $0 <= 0x39 } ?? false }
        func digits(_ reader: inout Self) -> Bool {
            let first = reader.place
            while isDigit(reader.current) { reader.place += 1 }
            return reader.place > first
        }
        if current == UInt8(ascii: "-") { place += 1 }
        if current == UInt8(ascii: "0") { place += 1 } else if !digits(&self) { return nil }
        if current == UInt8(ascii: ".") {
            place += 1
            guard digits(&self) else { return nil }
        }
        if let byte = current, byte | 0x20 == UInt8(ascii: "e") {
            place += 1
            if current == UInt8(ascii: "-") || current == UInt8(ascii: "+") { place += 1 }
            guard digits(&self) else { return nil }
        }
        return .number(String(decoding: bytes[start..<place], as: UTF8.self))
    }

    private mutating func string() -> String? {
        place += 1
        var result: [UInt8] = []
        while let byte = current {
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                result += Array(String(scalar).utf8)
            case ..<0x20: return nil
            default: result.append(byte)
            }
        }
        return nil
    }

    /// What stands behind a backslash; half of a surrogate pair is U+FFFD.
    private mutating func escape() -> Unicode.Scalar? {
        guard let byte = current else { return nil }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            guard let high = hex() else { return nil }
            guard (0xD800..<0xDC00).contains(high) else { return Unicode.Scalar(high) ?? "\u{FFFD}" }
            let afterHigh = place
            if word("\\u") != nil, let low = hex(), (0xDC00..<0xE000).contains(low) {
                return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
            }
            place = afterHigh
            return "\u{FFFD}"
        default: return nil
        }
    }

    private mutating func hex() -> UInt32? {
        guard place + 4 <= bytes.count else { return nil }
        let digits = bytes[place..<(place + 4)]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        place += 4
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
