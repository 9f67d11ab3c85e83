import FledgeCore
import Foundation

/// One property of an object.
package struct SchemaProperty: Sendable {
    package let key: String
    package var schema: JSONValue
    package var isRequired: Bool
}

/// A type whose schema can't be found out.
package struct SchemaFault: Error, CustomStringConvertible {
    package let type: String
    package let reason: String

    package var description: String { "\(type): \(reason)" }
}

/// Finds the JSON schemas of types by letting them decode themselves: what a type asks a decoder for is what it is made
/// of.
///
/// Types that check what they read, and those with several forms, say their own: ``SchemaDescribed``,
/// ``SchemaVariants``.
package final class SchemaRecorder {
    /// Of objects and enumerations, by the names of their types.
    package private(set) var components: [String: JSONValue] = [:]

    /// A schema, and a value that decodes from nothing; nil where the type is only just being found out.
    private struct Finding {
        let schema: JSONValue
        let value: Any?
    }

    private var findings: [ObjectIdentifier: Finding] = [:]
    private var underWay: Set<ObjectIdentifier> = []

    package init() {}

    package func schema<Value: Decodable>(of type: Value.Type) throws -> JSONValue { try finding(of: type).schema }

    /// The properties of a struct, which becomes no component.
    func properties<Value: Decodable>(of type: Value.Type) throws -> [SchemaProperty] {
        let record = DecodingRecord(recorder: self)
        _ = try decode(type, record)
        return record.properties
    }

    /// A value of the type, for whoever needs one to go on decoding.
    func value<Value: Decodable>(of type: Value.Type) throws -> Value {
        guard let value = try finding(of: type).value as? Value else {
            throw SchemaFault(type: "\(type)", reason: "it holds itself")
        }
        return value
    }

    private func finding<Value: Decodable>(of type: Value.Type) throws -> Finding {
        let id = ObjectIdentifier(type)
        if let known = findings[id] { return known }
        let name = Self.name(of: type)
        guard !underWay.contains(id) else { return Finding(schema: Self.reference(name), value: nil) }
        underWay.insert(id)
        defer { underWay.remove(id) }
        let finding = try find(type, name: name)
        findings[id] = finding
        return finding
    }

    private func find<Value: Decodable>(_ type: Value.Type, name: String) throws -> Finding {
        if let plain = PlainSchema.of(type) { return Finding(schema: plain.schema, value: plain.value) }
        if let container = type as? any SchemaContainer.Type {
            return Finding(schema: try container.schema(self), value: container.empty)
        }
        if let described = type as? any SchemaDescribed.Type {
            return Finding(schema: described.schema, value: described.example)
        }
        if let variants = type as? any SchemaVariants.Type { return try find(type, in: variants, name: name) }
        if let cases = type as? any CaseIterable.Type { return try find(cases, name: name) }
        let record = DecodingRecord(recorder: self)
        let value = try decode(type, record)
        if let schema = record.single { return Finding(schema: schema, value: value) }
        components[name] = Self.object(record.properties)
        return Finding(schema: Self.reference(name), value: value)
    }

    /// One of several objects.
    private func find<Value: Decodable>(
        _ type: Value.Type, in variants: any SchemaVariants.Type, name: String
    ) throws -> Finding {
        var (schemas, first): ([JSONValue], Value?) = ([], nil)
        for variant in variants.variants {
            let record = DecodingRecord(recorder: self, variant: variant)
            let value = try decode(type, record)
            first = first ?? value
            schemas.append(Self.object(record.properties))
        }
        components[name] = .object(["oneOf": .array(schemas)])
        return Finding(schema: Self.reference(name), value: first)
    }

    /// One of the values that there are.
    private func find<Cases: CaseIterable>(_ type: Cases.Type, name: String) throws -> Finding {
        let values = try Cases.allCases.map { value in
            guard let value = value as? any Encodable else {
                throw SchemaFault(type: name, reason: "its cases can't be written")
            }
            return try JSONProfile.wire.value(JSONValue.self, from: JSONProfile.wire.data(of: value))
        }
        var members: [String: JSONValue] = ["enum": .array(values)]
        if values.allSatisfy({ if case .text = $0 { true } else { false } }) { members["type"] = .text("string") }
        if values.allSatisfy({ if case .whole = $0 { true } else { false } }) { members["type"] = .text("integer") }
        components[name] = .object(members)
        return Finding(schema: Self.reference(name), value: Cases.allCases.first)
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ record: DecodingRecord) throws -> Value {
        do {
            let value = try type.init(from: RecordingDecoder(record: record))
            record.close()
            return value
        } catch let fault as SchemaFault {
            throw fault
        } catch {
            throw SchemaFault(type: "\(type)", reason: "\(error)")
        }
    }

    // MARK: Schemas

    /// As it is written in Swift, without its module.
    private static func name(of type: Any.Type) -> String {
        let name = String(reflecting: type)
        return name.firstIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
    }

    private static func reference(_ name: String) -> JSONValue {
        .object(["$ref": .text("#/components/schemas/\(name)")])
    }

    static func object(_ properties: [SchemaProperty]) -> JSONValue {
        var members: [String: JSONValue] = ["type": .text("object")]
        if !properties.isEmpty {
            members["properties"] = .object(
                Dictionary(properties.map { ($0.key, $0.schema) }) { first, _ in first })
        }
        let required = properties.filter(\.isRequired).map(\.key).sorted()
        if !required.isEmpty { members["required"] = .array(required.map(JSONValue.text)) }
        return .object(members)
    }
}
