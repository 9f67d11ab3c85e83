import FledgeCore
import Foundation

/// Puts a request together from the parts that came.
struct RequestPartsDecoder: Decoder {
    let parts: RequestParts
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Fields<Key>(parts: parts))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw RequestFault.unsupported }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw RequestFault.unsupported }

    private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let parts: RequestParts
        let codingPath: [any CodingKey] = []

        var allKeys: [Key] { parts.fields.compactMap { Key(stringValue: $0.key) } }

        func contains(_ key: Key) -> Bool {
            key.stringValue == RequestPartsEncoder.bodyKey ? parts.body != nil : parts[key.stringValue] != nil
        }

        func decodeNil(forKey key: Key) throws -> Bool { !contains(key) }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            if key.stringValue == RequestPartsEncoder.bodyKey {
                guard let body = parts.body, let value = try? JSONProfile.wire.value(type, from: body) else {
                    throw RequestFault.badBody
                }
                return value
            }
            guard let text = parts[key.stringValue] else { throw RequestFault.missing(key.stringValue) }
            return try ParameterDecoder(key: key.stringValue, text: text).decode(type)
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> { throw RequestFault.unsupported }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            throw RequestFault.unsupported
        }

        func superDecoder() throws -> any Decoder { throw RequestFault.unsupported }
        func superDecoder(forKey key: Key) throws -> any Decoder { throw RequestFault.unsupported }
    }
}

/// A value of one text.
private struct ParameterDecoder: Decoder, SingleValueDecodingContainer {
    let key: String
    let text: String
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func decodeNil() -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard let plain = type as? any LosslessStringConvertible.Type else { return try type.init(from: self) }
        guard let value = plain.init(text) as? Value else {
            throw ParameterError(key: key, text: text, expected: "\(type)")
        }
        return value
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw RequestFault.unsupported
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw RequestFault.unsupported }
}
