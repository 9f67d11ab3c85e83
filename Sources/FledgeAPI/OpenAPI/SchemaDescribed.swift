import FledgeCore
import FledgeDocument
import Foundation

/// A type that checks what it reads, so that its schema can't be seen from outside.
package protocol SchemaDescribed: Decodable {
    static var schema: JSONValue { get }
    /// Any value.
    static var example: Any { get }
}

extension SchemaDescribed {
    fileprivate static func text(_ members: [String: JSONValue] = [:]) -> JSONValue {
        .object(members.merging(["type": .text("string")]) { first, _ in first })
    }
}

extension Digest: SchemaDescribed {
    package static var schema: JSONValue { text(["pattern": .text("^[0-9a-f]{64}$")]) }
    package static var example: Any { Digest(of: "") }
}

extension ShutdownDay: SchemaDescribed {
    package static var schema: JSONValue { text(["format": .text("date")]) }
    package static var example: Any { ShutdownDay(secondsSince1970: 0) as Any }
}

extension SecretReference: SchemaDescribed {
    package static var schema: JSONValue { text(["pattern": .text("^(env|file):")]) }
    package static var example: Any { SecretReference.env("") }
}

extension GPULayers: SchemaDescribed {
    package static var schema: JSONValue {
        .object(["anyOf": .array([.object(["type": .text("integer")]), .object(["const": .text("all")])])])
    }
    package static var example: Any { GPULayers.all }
}

extension PageLimit: SchemaDescribed {
    package static var schema: JSONValue {
        .object(["type": .text("integer"), "minimum": .whole(1), "maximum": .whole(Int64(clamping: largest))])
    }
    package static var example: Any { PageLimit(1) }
}

extension CountHint: SchemaDescribed {
    package static var schema: JSONValue { .object(["type": .text("integer")]) }
    package static var example: Any { CountHint(1) }
}

extension OpenWorkStates: SchemaDescribed {
    package static var schema: JSONValue {
        let names = WorkState.open.map(\.rawValue).joined(separator: "|")
        return text(["pattern": .text("^(\(names))(-(\(names)))*$")])
    }
    package static var example: Any { OpenWorkStates([]) }
}
