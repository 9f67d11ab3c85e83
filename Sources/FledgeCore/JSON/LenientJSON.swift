/// Reads JSON as servers write it, beyond the standard where the meaning is plain: `NaN` and `Infinity`, escapes of half a
/// surrogate pair and bytes that are no UTF-8 (both become U+FFFD), control characters in strings, a byte order mark. Of a
/// key that stands twice the last one counts.
///
/// Nil for what is no JSON, is cut off, or nests deeper than 128.
package enum LenientJSON {
    package static func read(_ body: [UInt8]) -> JSONValue? {
        var scanner = JSONScanner(body, texts: [.controls, .halfPairs, .nul])
        _ = scanner.take(word: "\u{FEFF}")
        let value = scanner.tree(of: JSONValue.self)
        scanner.skipSpace()
        return scanner.next == nil ? value : nil
    }

    fileprivate static func number(_ scanner: inout JSONScanner) -> JSONValue? {
        let start = scanner.place
        let isNegative = scanner.take("-")
        if scanner.take(word: "Infinity") { return .number(isNegative ? -.infinity : .infinity) }
        while let byte = scanner.next, (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte) {
            scanner.place += 1
        }
        let text = String(decoding: scanner.bytes[start..<scanner.place], as: UTF8.self)
        return Int64(text).map(JSONValue.whole) ?? Double(text).map(JSONValue.number)
    }
}

extension JSONValue: JSONTree {
    package static func members(_ members: [(key: String, value: JSONValue)]) -> JSONValue {
        .object(Dictionary(members) { _, last in last })
    }

    package static func plain(_ scanner: inout JSONScanner) -> JSONValue? {
        if scanner.take(word: "true") { return .bool(true) }
        if scanner.take(word: "false") { return .bool(false) }
        if scanner.take(word: "null") || scanner.take(word: "None") { return .null }
        if scanner.take(word: "NaN") || scanner.take(word: "nan") { return .number(.nan) }
        return LenientJSON.number(&scanner)
    }
}

extension JSONValue {
    /// An object's member; nil for everything else, and for `null`.
    package subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[key], value != .null else { return nil }
        return value
    }

    package var text: String? {
        if case .text(let text) = self { return text }
        return nil
    }

    package var elements: [JSONValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// A whole number, also as text or with a fraction of zero.
    package var count: Int? {
        switch self {
        case .whole(let whole): Int(exactly: whole)
        case .number(let number): Int(exactly: number)
        case .text(let text): Int(text) ?? Double(text).flatMap(Int.init(exactly:))
        default: nil
        }
    }
}
