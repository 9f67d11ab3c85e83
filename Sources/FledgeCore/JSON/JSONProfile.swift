import FledgeDocument
import Foundation

/// The forms of JSON that Fledge writes and reads.
///
/// | | dates | numbers that JSON lacks | a slash | NUL in a text |
/// |---|---|---|---|---|
/// | canonical | seconds since 2001 | `Infinity` | as it is | escaped |
/// | stored | ISO 8601, milliseconds | `Infinity` | as it is | U+FFFD |
/// | wire | ISO 8601, milliseconds | `infinity` | escaped | escaped |
/// | exported | ISO 8601, seconds | `Infinity` | as it is | escaped |
/// | openAI, foreign | seconds since 2001 | refused | as it is | escaped |
///
/// All write an object's keys in the order of their characters, and dates in UTC. A property that is nil has no key; `null`
/// stands for nil in lists alone. Numbers that JSON lacks are texts: an upper bound may well be infinite.
package enum JSONProfile: Sendable, CaseIterable {
    /// What is hashed, and what a definition prints. Digests rest on its bytes: they are the same for all time.
    ///
    /// ``CanonicalJSON`` writes it, which a definition's process has as well.
    case canonical
    /// `jsonb` columns. A daemon of the version before reads what this one writes.
    case stored
    /// What `fledge` and `fledged` say to each other.
    case wire
    /// The body of a request to a model server.
    case openAI
    /// What is kept or read outside Fledge: heads of the evidence, reports, a release's evidence.
    case exported
    /// Files and messages of other programs, and notes of Fledge's own that only it reads.
    case foreign

    // MARK: Writing

    /// - Throws: `EncodingError` for a number that the profile refuses.
    package func data(of value: some Encodable) throws -> Data {
        switch self {
        case .canonical: Data(CanonicalJSON.text(of: value).utf8)
        case .stored: Self.withoutNUL(try encoder(.compact).encode(value))
        case .wire, .openAI, .exported, .foreign: try encoder(.compact).encode(value)
        }
    }

    /// - Throws: `EncodingError` for a number that the profile refuses.
    package func text(of value: some Encodable) throws -> String {
        String(decoding: try data(of: value), as: UTF8.self)
    }

    /// The same values over several lines, for people.
    package func indentedText(of value: some Encodable) throws -> String {
        String(decoding: try encoder(.indented).encode(value), as: UTF8.self)
    }

    // MARK: Reading

    /// - Throws: `DecodingError`.
    package func value<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        try decoder.decode(type, from: data)
    }

    /// - Throws: `DecodingError`.
    package func value<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try decoder.decode(type, from: Data(text.utf8))
    }

    // MARK: What a profile says

    /// The texts of numbers that JSON lacks.
    struct NonFinite {
        var positive: String
        var negative: String
        var nan: String

        func text(of value: Double) -> String { value.isNaN ? nan : value < 0 ? negative : positive }
    }

    /// Nil where such numbers are refused.
    var nonFinite: NonFinite? {
        switch self {
        case .canonical, .stored, .exported: NonFinite(positive: "Infinity", negative: "-Infinity", nan: "NaN")
        case .wire: NonFinite(positive: "infinity", negative: "-infinity", nan: "nan")
        case .openAI, .foreign: nil
        }
    }

    private enum Dates {
        case secondsSince2001, milliseconds, seconds
    }

    private var dates: Dates {
        switch self {
        case .canonical, .openAI, .foreign: .secondsSince2001
        case .stored, .wire: .milliseconds
        case .exported: .seconds
        }
    }

    private enum Layout {
        case compact, indented
    }

    // MARK: Foundation's coders

    private static let milliseconds = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private func encoder(_ layout: Layout) -> JSONEncoder {
        let encoder = JSONEncoder()
        switch layout {
        case .compact:
            encoder.outputFormatting = self == .wire ? [.sortedKeys] : [.sortedKeys, .withoutEscapingSlashes]
        case .indented: encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        }
        if let nonFinite {
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: nonFinite.positive, negativeInfinity: nonFinite.negative, nan: nonFinite.nan)
        }
        switch dates {
        case .secondsSince2001: break
        case .seconds: encoder.dateEncodingStrategy = .iso8601
        case .milliseconds:
            encoder.dateEncodingStrategy = .custom { date, encoder in
                var container = encoder.singleValueContainer()
                try container.encode(date.formatted(Self.milliseconds))
            }
        }
        return encoder
    }

    private var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        if let nonFinite {
            decoder.nonConformingFloatDecodingStrategy = .convertFromString(
                positiveInfinity: nonFinite.positive, negativeInfinity: nonFinite.negative, nan: nonFinite.nan)
        }
        switch dates {
        case .secondsSince2001: break
        case .seconds: decoder.dateDecodingStrategy = .iso8601
        case .milliseconds:
            decoder.dateDecodingStrategy = .custom { decoder in
                let container = try decoder.singleValueContainer()
                let text = try container.decode(String.self)
                guard let date = try? Self.milliseconds.parse(text) else {
                    throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an ISO 8601 date")
                }
                return date
            }
        }
        return decoder
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
}
