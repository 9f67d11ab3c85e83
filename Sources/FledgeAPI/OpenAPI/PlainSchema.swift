import FledgeCore
import Foundation

/// The schema of a type that JSON has itself, as `JSONProfile.wire` writes it, with a value of it.
struct PlainSchema {
    let schema: JSONValue
    let value: Any

    /// - Returns: nil for every other type.
    static func of(_ type: any Decodable.Type) -> PlainSchema? {
        if type == String.self { return PlainSchema(schema: .object(["type": .text("string")]), value: "") }
        if type == Bool.self { return PlainSchema(schema: .object(["type": .text("boolean")]), value: false) }
        if type == Date.self {
            return PlainSchema(
                schema: .object(["type": .text("string"), "format": .text("date-time")]),
                value: Date(timeIntervalSince1970: 0))
        }
        if type == JSONValue.self { return PlainSchema(schema: .object([:]), value: JSONValue.null) }
        if let whole = type as? any FixedWidthInteger.Type {
            return PlainSchema(schema: schema(of: whole), value: whole.zero)
        }
        if let real = type as? any BinaryFloatingPoint.Type { return PlainSchema(schema: number, value: real.zero) }
        return nil
    }

    private static func schema<Whole: FixedWidthInteger>(of type: Whole.Type) -> JSONValue {
        var members: [String: JSONValue] = ["type": .text("integer")]
        if Whole.isSigned {
            members["format"] = .text(Whole.bitWidth <= 32 ? "int32" : "int64")
        } else {
            members["minimum"] = .whole(0)
        }
        return .object(members)
    }

    /// An upper bound may be infinite: JSON has no number for it.
    private static let number: JSONValue = .object([
        "anyOf": .array([
            .object(["type": .text("number")]),
            .object(["enum": .array(["infinity", "-infinity", "nan"].map(JSONValue.text))]),
        ])
    ])
}

/// A type that holds others, none or more of them.
protocol SchemaContainer {
    static var empty: Any { get }
    static func schema(_ recorder: SchemaRecorder) throws -> JSONValue
}

extension Optional: SchemaContainer where Wrapped: Decodable {
    static var empty: Any { Self.none as Any }

    static func schema(_ recorder: SchemaRecorder) throws -> JSONValue {
        .object(["anyOf": .array([try recorder.schema(of: Wrapped.self), .object(["type": .text("null")])])])
    }
}

extension Array: SchemaContainer where Element: Decodable {
    static var empty: Any { Self() }

    static func schema(_ recorder: SchemaRecorder) throws -> JSONValue {
        .object(["type": .text("array"), "items": try recorder.schema(of: Element.self)])
    }
}

extension Set: SchemaContainer where Element: Decodable {
    static var empty: Any { Self() }

    static func schema(_ recorder: SchemaRecorder) throws -> JSONValue {
        .object([
            "type": .text("array"), "items": try recorder.schema(of: Element.self), "uniqueItems": .bool(true),
        ])
    }
}

extension Dictionary: SchemaContainer where Key: Decodable, Value: Decodable {
    static var empty: Any { Self() }

    static func schema(_ recorder: SchemaRecorder) throws -> JSONValue {
        let isObject = Key.self == String.self || Key.self == Int.self || Key.self is any CodingKeyRepresentable.Type
        guard isObject else {
            throw SchemaFault(type: "\(Self.self)", reason: "its keys are no names")
        }
        var members: [String: JSONValue] = [
            "type": .text("object"), "additionalProperties": try recorder.schema(of: Value.self),
        ]
        if Key.self is any CaseIterable.Type { members["propertyNames"] = try recorder.schema(of: Key.self) }
        return .object(members)
    }
}
