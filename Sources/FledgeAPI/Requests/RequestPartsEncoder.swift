import FledgeCore
import Foundation

/// Takes a request apart: its property `body` as JSON, every other as a text.
final class RequestPartsEncoder: Encoder {
    static let bodyKey = "body"

    var parts = RequestParts()
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(Fields<Key>(encoder: self))
    }

    /// A request is a struct: what comes here is none.
    func unkeyedContainer() -> any UnkeyedEncodingContainer { preconditionFailure("a request is no list") }

    func singleValueContainer() -> any SingleValueEncodingContainer { preconditionFailure("a request is no value") }

    private struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let encoder: RequestPartsEncoder
        let codingPath: [any CodingKey] = []

        mutating func encodeNil(forKey key: Key) throws {}

        mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
            if key.stringValue == RequestPartsEncoder.bodyKey {
                encoder.parts.body = try JSONProfile.wire.data(of: value)
            } else {
                encoder.parts.fields.append((key.stringValue, try ParameterText.text(of: value)))
            }
        }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> { encoder.container(keyedBy: type) }

        mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            encoder.unkeyedContainer()
        }

        mutating func superEncoder() -> any Encoder { encoder }
        mutating func superEncoder(forKey key: Key) -> any Encoder { encoder }
    }
}

/// The text of a value that encodes as one string or number.
private final class ParameterText: Encoder, SingleValueEncodingContainer {
    private var text: String?
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    static func text(of value: some Encodable) throws -> String {
        let box = ParameterText()
        try box.encode(value)
        guard let text = box.text else { throw RequestFault.unsupported }
        return text
    }

    func encodeNil() throws {}

    func encode<Value: Encodable>(_ value: Value) throws {
        if let plain = value as? any LosslessStringConvertible {
            text = plain.description
        } else {
            try value.encode(to: self)
        }
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        preconditionFailure("a parameter is one value")
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { preconditionFailure("a parameter is one value") }
}
