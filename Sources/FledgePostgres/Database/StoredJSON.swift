import FledgeCore
import Foundation
import PostgresClient

/// The form in which values stand in `jsonb` columns: dates as ISO 8601 in UTC with milliseconds.
///
/// Numbers that JSON lacks are strings, since an upper bound may well be infinite.
package enum StoredJSON {
    package static func text(of value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Self.dates))
        }
        return String(decoding: withoutNUL(try encoder.encode(value)), as: UTF8.self)
    }

    /// `jsonb` refuses the escape of NUL, which a message or an answer may hold: U+FFFD stands for it.
    private static func withoutNUL(_ json: Data) -> Data {
        guard json.range(of: Data(#"\u0000"#.utf8)) != nil else { return json }
        let bytes = Array(json)
        var text: [UInt8] = []
        var index = 0
        while index < bytes.count {
            // An escape is skipped whole: in `\\\\u0000` the backslash is what is escaped.
            let isEscape = bytes[index] == UInt8(ascii: "\\")
            if isEscape, bytes[index...].starts(with: #"\u0000"#.utf8) {
                text += #"\ufffd"#.utf8
                index += 6
            } else {
                let length = min(isEscape ? 2 : 1, bytes.count - index)
                text += bytes[index..<index + length]
                index += length
            }
        }
        return Data(text)
    }

    package static func value<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let date = try? Self.dates.parse(text) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an ISO 8601 date")
            }
            return date
        }
        return try decoder.decode(type, from: Data(text.utf8))
    }

    private static let dates = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}

extension PostgresRow {
    /// The JSON column's value. - Throws: `database.unreadable_value` when another build wrote something else there.
    func json<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
        do {
            return try StoredJSON.value(type, from: get(name, as: String.self))
        } catch is DecodingError {
            throw Self.unreadable(name, type)
        }
    }

    /// The JSON column's value, or nil for NULL.
    func json<Value: Decodable>(_ name: String, as type: Value?.Type) throws -> Value? {
        try get(name, as: String?.self) == nil ? nil : json(name, as: Value.self)
    }

    /// A text column whose values are an enumeration's raw values.
    func choice<Value: RawRepresentable<String>>(_ name: String, as type: Value.Type) throws -> Value {
        guard let value = Value(rawValue: try get(name, as: String.self)) else { throw Self.unreadable(name, type) }
        return value
    }

    private static func unreadable(_ column: String, _ type: (some Any).Type) -> FledgeError {
        FledgeError(
            "database.unreadable_value", "column \(column) does not hold a \(type) that this build can read",
            hint: "use the build that wrote it, or a newer one")
    }
}

extension String {
    /// PostgreSQL keeps no NUL in `text` or `jsonb`, and a model may answer with one.
    var storable: String { replacing("\0", with: "\u{FFFD}") }
}
