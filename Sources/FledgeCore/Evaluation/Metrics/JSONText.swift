/// A JSON value as it is written: numbers keep their digits, and a key that an object repeats is known.
package indirect enum JSONText: Hashable, Sendable {
    case object(JSONTextObject)
    case array([JSONText])
    case text(String)
    /// As it is written: `1.10`, `12345678901234567890`.
    case number(String)
    case bool(Bool)
    case null

    /// Reads a text that is one JSON value (RFC 8259), with nothing but white space around it.
    package init?(_ text: String) {
        var scanner = JSONScanner(Array(text.utf8), texts: Self.texts)
        guard let value = scanner.tree(of: JSONText.self) else { return nil }
        scanner.skipSpace()
        guard scanner.next == nil else { return nil }
        self = value
    }

    /// Half of a surrogate pair is no reason to refuse a reply.
    fileprivate static let texts: JSONScanner.Texts = [.halfPairs, .nul]
}

extension JSONText: JSONTree {
    package static func members(_ members: [(key: String, value: JSONText)]) -> JSONText {
        var object = JSONTextObject()
        for (key, value) in members {
            if let earlier = object.members.updateValue(value, forKey: key), earlier != value {
                object.ambiguous.insert(key)
            }
        }
        return .object(object)
    }

    package static func plain(_ scanner: inout JSONScanner) -> JSONText? {
        if scanner.take(word: "true") { return .bool(true) }
        if scanner.take(word: "false") { return .bool(false) }
        if scanner.take(word: "null") { return .null }
        guard let number = try? scanner.number() else { return nil }
        return .number(String(decoding: scanner.bytes[number], as: UTF8.self))
    }
}

/// The members of a JSON object.
package struct JSONTextObject: Hashable, Sendable {
    package var members: [String: JSONText] = [:]
    /// Keys that stand in it more than once, with different values: what they mean is anybody's guess.
    package var ambiguous: Set<String> = []
}

/// The JSON objects that stand in a text, not inside one another.
package struct JSONObjects {
    package private(set) var objects: [JSONTextObject] = []
    /// Whether there are braces besides that belong to no object, as of one that was cut off.
    package private(set) var hasLooseBraces = false

    /// As many braces that begin nothing are looked into.
    private static let mostLoose = 16

    package init(in text: String) {
        let bytes = Array(text.utf8)
        var place = 0
        var loose = 0
        while place < bytes.count, loose < Self.mostLoose {
            defer { place += 1 }
            if bytes[place] == UInt8(ascii: "}") { loose += 1 }
            guard bytes[place] == UInt8(ascii: "{") else { continue }
            var scanner = JSONScanner(bytes, from: place, texts: JSONText.texts)
            if case .object(let object)? = scanner.tree(of: JSONText.self) {
                objects.append(object)
                place = scanner.place - 1
            } else {
                loose += 1
            }
        }
        hasLooseBraces = loose > 0
    }
}
