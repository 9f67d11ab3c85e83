import FledgeCore
import Foundation

/// Any JSON value, to be put into a larger one.
enum JSONText: Codable, Equatable {
    case object([String: JSONText])
    case array([JSONText])
    case text(String)
    case whole(Int64)
    case number(Double)
    case bool(Bool)
    case null

    /// - Throws: `decoding.bad_json_schema` for text that is not a JSON object.
    init(_ source: String) throws(FledgeError) {
        guard let value = try? JSONDecoder().decode(JSONText.self, from: Data(source.utf8)), case .object = value else {
            throw FledgeError(
                "decoding.bad_json_schema", "the JSON schema is not a JSON object",
                hint: "mend jsonSchema in the definition's Decoding", exitCode: .badData)
        }
        self = value
    }

    /// The schema of an object whose one field is one of the choices.
    static func answer(from choices: [String]) -> JSONText {
        .object([
            "type": .text("object"), "required": .array([.text("answer")]), "additionalProperties": .bool(false),
            "properties": .object([
                "answer": .object(["type": .text("string"), "enum": .array(choices.map(JSONText.text))])
            ]),
        ])
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let whole = try? container.decode(Int64.self) {
            self = .whole(whole)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let array = try? container.decode([JSONText].self) {
            self = .array(array)
        } else {
            self = .object(try container.decode([String: JSONText].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .object(let members): try container.encode(members)
        case .array(let elements): try container.encode(elements)
        case .text(let text): try container.encode(text)
        case .whole(let whole): try container.encode(whole)
        case .number(let number): try container.encode(number)
        case .bool(let flag): try container.encode(flag)
        case .null: try container.encodeNil()
        }
    }
}
