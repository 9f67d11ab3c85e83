import FoundationEssentials

/// A value that can be a statement's parameter, in PostgreSQL's text form.
///
/// JSON is passed as a `String` with `$1::jsonb` in the statement; enums by their raw value.
package protocol PostgresEncodable: Sendable {
    /// Appends the value's text, UTF-8, without a terminator.
    func encode(into text: inout [UInt8])
}

extension String: PostgresEncodable {
    package func encode(into text: inout [UInt8]) { text.append(contentsOf: utf8) }
}

extension Bool: PostgresEncodable {
    package func encode(into text: inout [UInt8]) { text.append(UInt8(ascii: self ? "t" : "f")) }
}

extension PostgresEncodable where Self: BinaryInteger {
    package func encode(into text: inout [UInt8]) { text.append(contentsOf: String(self).utf8) }
}

extension Int: PostgresEncodable {}
extension Int64: PostgresEncodable {}
extension Int32: PostgresEncodable {}

extension Double: PostgresEncodable {
    /// Swift prints the shortest text that reads back as the same number.
    package func encode(into text: inout [UInt8]) {
        text.append(contentsOf: (isNaN ? "NaN" : isInfinite ? (self < 0 ? "-Infinity" : "Infinity") : "\(self)").utf8)
    }
}

extension UUID: PostgresEncodable {
    package func encode(into text: inout [UInt8]) { text.append(contentsOf: uuidString.utf8) }
}

extension Date: PostgresEncodable {
    /// A UTC `timestamptz`, rounded to PostgreSQL's microseconds.
    package func encode(into text: inout [UInt8]) { PostgresTimestamp(self).encode(into: &text) }
}

extension Data: PostgresEncodable {
    package func encode(into text: inout [UInt8]) { ByteaText.encode(self, into: &text) }
}
