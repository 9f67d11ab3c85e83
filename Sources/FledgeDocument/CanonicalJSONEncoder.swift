/// The place that a nested value is encoded into; containers hold on to it and fill it as they go.
final class EncodedSlot {
    enum Content {
        case empty
        case scalar(CanonicalJSON)
        case elements([EncodedSlot])
        case members([String: EncodedSlot])
    }

    var content = Content.empty

    var value: CanonicalJSON {
        switch content {
        case .empty: .object([:])
        case .scalar(let value): value
        case .elements(let slots): .array(slots.map(\.value))
        case .members(let slots): .object(slots.mapValues(\.value))
        }
    }

    func member(_ name: String) -> EncodedSlot {
        let slot = EncodedSlot()
        var members: [String: EncodedSlot] = [:]
        if case .members(let existing) = content { members = existing }
        members[name] = slot
        content = .members(members)
        return slot
    }

    func element() -> EncodedSlot {
        let slot = EncodedSlot()
        var elements: [EncodedSlot] = []
        if case .elements(let existing) = content { elements = existing }
        elements.append(slot)
        content = .elements(elements)
        return slot
    }

    func fill(_ value: some Encodable, codingPath: [any CodingKey]) throws {
        switch value {
        case let value as Bool: content = .scalar(.bool(value))
        case let value as String: content = .scalar(.string(value))
        case let value as Double: content = .scalar(.double(value))
        case let value as Float: content = .scalar(.double(Double(value)))
        case let value as UInt64: content = .scalar(.unsigned(value))
        case let value as UInt: content = .scalar(.unsigned(UInt64(value)))
        case let value as any FixedWidthInteger: content = .scalar(.signed(Int64(truncatingIfNeeded: value)))
        default: try value.encode(to: CanonicalJSONEncoder(slot: self, codingPath: codingPath))
        }
    }
}

/// Encodes any `Encodable` into a `CanonicalJSON` value.
struct CanonicalJSONEncoder: Encoder {
    let slot: EncodedSlot
    var codingPath: [any CodingKey] = []
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .empty = slot.content { slot.content = .members([:]) }
        return KeyedEncodingContainer(Keyed<Key>(slot: slot, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .empty = slot.content { slot.content = .elements([]) }
        return Unkeyed(slot: slot, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        Single(slot: slot, codingPath: codingPath)
    }

    private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let slot: EncodedSlot
        let codingPath: [any CodingKey]

        func encodeNil(forKey key: Key) { slot.member(key.stringValue).content = .scalar(.null) }

        func encode(_ value: some Encodable, forKey key: Key) throws {
            try slot.member(key.stringValue).fill(value, codingPath: codingPath + [key])
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            encoder(forKey: key).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            encoder(forKey: key).unkeyedContainer()
        }

        func superEncoder() -> any Encoder {
            CanonicalJSONEncoder(slot: slot.member("super"), codingPath: codingPath)
        }

        func superEncoder(forKey key: Key) -> any Encoder { encoder(forKey: key) }

        private func encoder(forKey key: Key) -> CanonicalJSONEncoder {
            CanonicalJSONEncoder(slot: slot.member(key.stringValue), codingPath: codingPath + [key])
        }
    }

    private struct Unkeyed: UnkeyedEncodingContainer {
        let slot: EncodedSlot
        let codingPath: [any CodingKey]

        var count: Int {
            if case .elements(let elements) = slot.content { elements.count } else { 0 }
        }

        func encodeNil() { slot.element().content = .scalar(.null) }

        func encode(_ value: some Encodable) throws { try slot.element().fill(value, codingPath: codingPath) }

        func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
            encoder().container(keyedBy: type)
        }

        func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }

        func superEncoder() -> any Encoder { encoder() }

        private func encoder() -> CanonicalJSONEncoder {
            CanonicalJSONEncoder(slot: slot.element(), codingPath: codingPath)
        }
    }

    private struct Single: SingleValueEncodingContainer {
        let slot: EncodedSlot
        let codingPath: [any CodingKey]

        func encodeNil() { slot.content = .scalar(.null) }

        func encode(_ value: some Encodable) throws { try slot.fill(value, codingPath: codingPath) }
    }
}
