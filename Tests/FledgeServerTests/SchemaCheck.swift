import FledgeAPI
import FledgeCore
import Testing

/// Holds values to the schemas of an OpenAPI document, as far as this one uses JSON Schema.
struct SchemaCheck {
    let schemas: [String: JSONValue]
    private let document: JSONValue

    init(_ document: JSONValue) {
        self.document = document
        schemas = document["components"]?["schemas"]?.members ?? [:]
    }

    func check<Asked, Answer: Codable>(
        _ answer: Answer, of endpoint: Endpoint<Asked, Answer>, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let facts = endpoint.facts
        let operation = document["paths"]?[facts.path]?[facts.method.rawValue.lowercased()]
        let content = operation?["responses"]?["200"]?["content"]?["application/json"]
        let schema = try #require(content?["schema"], "\(facts.name)", sourceLocation: sourceLocation)
        let value = try JSONProfile.wire.value(JSONValue.self, from: JSONProfile.wire.data(of: answer))
        #expect(misfit(value, schema) == nil, "\(facts.name)", sourceLocation: sourceLocation)
    }

    /// What doesn't fit, and where; nil where all does.
    func misfit(_ value: JSONValue, _ schema: JSONValue, at place: String = "$") -> String? {
        if let name = schema["$ref"]?.words?.split(separator: "/").last {
            guard let target = schemas[String(name)] else { return "\(place): no schema \(name)" }
            return misfit(value, target, at: place)
        }
        if let choices = schema["anyOf"]?.elements ?? schema["oneOf"]?.elements {
            let misfits = choices.map { misfit(value, $0, at: place) }
            return misfits.contains(nil) ? nil : misfits.compactMap(\.self).last
        }
        if let values = schema["enum"]?.elements, !values.contains(value) { return "\(place): not one of \(values)" }
        if let only = schema["const"], only != value { return "\(place): not \(only)" }
        if let type = schema["type"]?.words, type != value.type, !(type == "number" && value.type == "integer") {
            return "\(place): \(value.type), not \(type)"
        }
        if let items = schema["items"] {
            return value.elements?.enumerated().lazy.compactMap { misfit($1, items, at: "\(place)[\($0)]") }.first
        }
        guard let members = value.members, schema["type"]?.words == "object" else { return nil }
        let properties = schema["properties"]?.members ?? [:]
        for key in schema["required"]?.elements?.compactMap(\.words) ?? [] where members[key] == nil {
            return "\(place): no \(key)"
        }
        return members.sorted { $0.key < $1.key }.lazy.compactMap { key, member in
            guard let schema = properties[key] ?? schema["additionalProperties"] else {
                return "\(place): \(key) is nowhere in the schema"
            }
            return misfit(member, schema, at: "\(place).\(key)")
        }.first
    }

    /// The names of the schemas that are referred to.
    func eachReference(_ found: (String) -> Void) { eachReference(in: document, found) }

    private func eachReference(in value: JSONValue, _ found: (String) -> Void) {
        let prefix = "#/components/schemas/"
        if let name = value["$ref"]?.words, name.hasPrefix(prefix) { found(String(name.dropFirst(prefix.count))) }
        for member in value.members?.values.map(\.self) ?? value.elements ?? [] { eachReference(in: member, found) }
    }
}

extension JSONValue {
    fileprivate subscript(key: String) -> JSONValue? { members?[key] }
    fileprivate var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
    fileprivate var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    fileprivate var words: String? { if case .text(let text) = self { text } else { nil } }

    /// As JSON Schema names it.
    fileprivate var type: String {
        switch self {
        case .object: "object"
        case .array: "array"
        case .text: "string"
        case .whole: "integer"
        case .number: "number"
        case .bool: "boolean"
        case .null: "null"
        }
    }
}
