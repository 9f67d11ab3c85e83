import FledgeDocument

/// JSON that is written piece by piece, for the few places where an encoder's time counts: a model call has several.
///
/// Texts and numbers are the bytes that the profile's ``JSONProfile/data(of:)`` makes of them. The caller sees to commas and
/// braces, and to the order of keys.
package struct JSONBytes: Sendable {
    package private(set) var bytes: [UInt8] = []
    private let profile: JSONProfile

    /// - Parameter profile: one that leaves slashes as they are.
    package init(_ profile: JSONProfile) { self.profile = profile }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Text that is JSON already.
    package mutating func raw(_ json: String) { bytes.append(contentsOf: json.utf8) }

    package mutating func append(_ other: JSONBytes) { bytes.append(contentsOf: other.bytes) }

    package mutating func string(_ value: String) {
        var value = value
        bytes.append(UInt8(ascii: "\""))
        value.withUTF8 { utf8 in
            var start = 0
            for (index, byte) in utf8.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
                bytes.append(contentsOf: utf8[start..<index])
                escape(byte)
                start = index + 1
            }
            bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A string by itself.
    package static func string(_ value: String, _ profile: JSONProfile) -> String {
        var json = JSONBytes(profile)
        json.string(value)
        return json.text
    }

    /// A number, by the shortest digits that read back as the same. One that JSON lacks is the profile's text for it, or null
    /// where the profile refuses it.
    package mutating func number(_ value: Double) {
        guard profile != .canonical else { return raw(CanonicalJSON.double(value).text) }
        guard value.isFinite else {
            if let text = profile.nonFinite?.text(of: value) { string(text) } else { raw("null") }
            return
        }
        let digits = value.description
        raw(digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits)
    }

    package mutating func array<Element>(_ elements: [Element], _ write: (Element, inout JSONBytes) -> Void) {
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(element, &self)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    package mutating func object<Value>(
        _ members: [(key: String, value: Value)], _ write: (Value, inout JSONBytes) -> Void
    ) {
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            string(member.key)
            bytes.append(UInt8(ascii: ":"))
            write(member.value, &self)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case UInt8(ascii: "\n"): raw("\\n")
        case UInt8(ascii: "\r"): raw("\\r")
        case UInt8(ascii: "\t"): raw("\\t")
        // The two ways that JSON has for these: canonical JSON has them by their numbers, JSONEncoder in short.
        case 0x08 where profile != .canonical: raw("\\b")
        case 0x0C where profile != .canonical: raw("\\f")
        case 0 where profile == .stored: raw("\\ufffd")
        default:
            let digits = String(byte, radix: 16)
            raw("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
        }
    }
}
