import FoundationEssentials

/// A value that can be read from a column, from PostgreSQL's text form.
package protocol PostgresDecodable: Sendable {
    /// The value, or nil when the text is not one of this type.
    static func decode(_ text: UnsafeBufferPointer<UInt8>) -> Self?
}

extension String: PostgresDecodable {
    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> String? {
        String(decoding: text, as: UTF8.self)
    }
}

extension Bool: PostgresDecodable {
    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
        guard text.count == 1 else { return nil }
        return text[0] == UInt8(ascii: "t") ? true : text[0] == UInt8(ascii: "f") ? false : nil
    }
}

extension PostgresDecodable where Self: FixedWidthInteger {
    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> Self? {
        Self(String(decoding: text, as: UTF8.self))
    }
}

extension Int: PostgresDecodable {}
extension Int64: PostgresDecodable {}
extension Int32: PostgresDecodable {}

extension Double: PostgresDecodable {
    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        Double(String(decoding: text, as: UTF8.self))
    }
}

extension UUID: PostgresDecodable {
    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> UUID? {
        UUID(uuidString: String(decoding: text, as: UTF8.self))
    }
}

extension Date: PostgresDecodable {
    /// From `timestamptz`, `timestamp` or `date`; the latter two are read as UTC.
    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> Date? { PostgresTimestamp(text)?.date }
}

extension Data: PostgresDecodable {
    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> Data? {
        ByteaText.decode(text).map { Data($0) }
    }
}
