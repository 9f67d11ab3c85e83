import FledgeCore

/// Reads JSON as servers write it, beyond the standard where the meaning is plain: `NaN` and `Infinity`, escapes of half a
/// surrogate pair and bytes that are no UTF-8 (both become U+FFFD), control characters in strings, a byte order mark. Of a
/// key that stands twice the last one counts.
///
/// Nil for what is no JSON, is cut off, or nests deeper than 128.
struct LenientJSON {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0
    private static let maximumDepth = 128

    static func read(_ body: [UInt8]) -> JSONValue? {
        body.withUnsafeBufferPointer { bytes in
            var reader = LenientJSON(bytes: bytes)
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.index = 3 }
            guard let value = reader.value(depth: 0) else { return nil }
            reader.blanks()
            return reader.index == bytes.count ? value : nil
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private mutating func blanks() {
        while index < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index]) { index += 1 }
    }

    private mutating func peek() -> UInt8? {
        blanks()
        return index < bytes.count ? bytes[index] : nil
    }

    private mutating func takes(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        index += 1
        return true
    }

    private mutating func takes(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard index + count <= bytes.count,
            UnsafeBufferPointer(start: word.utf8Start, count: count).elementsEqual(bytes[index..<index + count])
        else { return false }
        index += count
        return true
    }

    private mutating func value(depth: Int) -> JSONValue? {
        guard depth < Self.maximumDepth, let first = peek() else { return nil }
        switch first {
        case UInt8(ascii: "\""): return string().map(JSONValue.text)
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "t"): return takes("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return takes("false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return takes("null") ? .null : takes("nan") ? .number(.nan) : nil
        case UInt8(ascii: "N"): return takes("NaN") ? .number(.nan) : takes("None") ? .null : nil
        default: return number()
        }
    }

    private mutating func object(depth: Int) -> JSONValue? {
        index += 1
        var members: [String: JSONValue] = [:]
        if takes(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            guard peek() == UInt8(ascii: "\""), let key = string(), takes(UInt8(ascii: ":")),
                let value = value(depth: depth + 1)
            else { return nil }
            members[key] = value
        } while takes(UInt8(ascii: ","))
        return takes(UInt8(ascii: "}")) ? .object(members) : nil
    }

    private mutating func array(depth: Int) -> JSONValue? {
        index += 1
        var elements: [JSONValue] = []
        if takes(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            guard let value = value(depth: depth + 1) else { return nil }
            elements.append(value)
        } while takes(UInt8(ascii: ","))
        return takes(UInt8(ascii: "]")) ? .array(elements) : nil
    }

    private mutating func number() -> JSONValue? {
        let start = index
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") { index += 1 }
        if takes("Infinity") { return .number(bytes[start] == UInt8(ascii: "-") ? -.infinity : .infinity) }
        while index < bytes.count,
            (0x30...0x39).contains(bytes[index]) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(bytes[index])
        {
            index += 1
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if let whole = Int64(text) { return .whole(whole) }
        return Double(text).map(JSONValue.number)
    }

    private mutating func string() -> String? {
        index += 1
        var text: [UInt8] = []
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            guard bytes[index] == UInt8(ascii: "\\") else {
                text.append(bytes[index])
                index += 1
                continue
            }
            guard index + 1 < bytes.count else { return nil }
            let escape = bytes[index + 1]
            index += 2
            switch escape {
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
            case UInt8(ascii: "u"):
                guard let scalar = escapedScalar() else { return nil }
                text.append(contentsOf: String(scalar).utf8)
            default: return nil
            }
        }
        guard index < bytes.count else { return nil }
        index += 1
        return String(decoding: text, as: UTF8.self)
    }

    /// The scalar of `\u`, whose four digits are next; a high surrogate takes its low one along.
    private mutating func escapedScalar() -> UnicodeScalar? {
        guard let first = hexadecimal() else { return nil }
        guard (0xD800...0xDBFF).contains(first) else { return UnicodeScalar(first) ?? "\u{FFFD}" }
        let before = index
        guard takesEscapeMark(), let second = hexadecimal(), (0xDC00...0xDFFF).contains(second) else {
            index = before
            return "\u{FFFD}"
        }
        return UnicodeScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func takesEscapeMark() -> Bool {
        guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
            return false
        }
        index += 2
        return true
    }

    private mutating func hexadecimal() -> UInt32? {
        guard index + 4 <= bytes.count,
            let value = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { return nil }
        index += 4
        return value
    }
}

extension JSONValue {
    /// An object's member; nil for everything else, and for `null`.
    subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[key], value != .null else { return nil }
        return value
    }

    var text: String? {
        if case .text(let text) = self { return text }
        return nil
    }

    var elements: [JSONValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// A whole number, also as text or with a fraction of zero.
    var count: Int? {
        switch self {
        case .whole(let whole): Int(exactly: whole)
        case .number(let number): Int(exactly: number)
        case .text(let text): Int(text) ?? Double(text).flatMap(Int.init(exactly:))
        default: nil
        }
    }
}
