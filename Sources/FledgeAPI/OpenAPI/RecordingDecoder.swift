import FledgeCore

/// What a type has asked its decoder for.
final class DecodingRecord {
    let recorder: SchemaRecorder
    /// The one of the type's forms that is decoded; nil where it has one.
    let variant: SchemaVariant?
    private(set) var properties: [SchemaProperty] = []
    /// Set where the type is a single value.
    var single: JSONValue?
    /// Keys that the type can do without.
    private var optional: Set<String> = []
    private var objects: [(key: String, record: DecodingRecord)] = []

    init(recorder: SchemaRecorder, variant: SchemaVariant? = nil) {
        self.recorder = recorder
        self.variant = variant
    }

    func note(_ key: String, _ schema: JSONValue) {
        let isRequired = !optional.contains(key)
        guard let index = properties.firstIndex(where: { $0.key == key }) else {
            return properties.append(SchemaProperty(key: key, schema: schema, isRequired: isRequired))
        }
        properties[index].isRequired = properties[index].isRequired && isRequired
    }

    func noteOptional(_ key: String) { optional.insert(key) }

    /// Notes an object in this one, such as what a case of an enumeration carries.
    func note(_ key: String, _ nested: DecodingRecord) { objects.append((key, nested)) }

    /// Called when the type is decoded: what the objects in it hold is known then.
    func close() {
        for (key, object) in objects {
            object.close()
            note(key, SchemaRecorder.object(object.properties))
        }
        objects = []
        // A case that carries nothing need not look into its object.
        if case .key(let name)? = variant, !properties.contains(where: { $0.key == name }) {
            note(name, SchemaRecorder.object([]))
        }
    }
}

/// Gives a type whatever it asks for, and writes it down.
struct RecordingDecoder: Decoder {
    let record: DecodingRecord
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Fields<Key>(record: record))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw SchemaFault(type: "a list", reason: "its elements are of several types")
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { Single(record: record) }

    private struct Single: SingleValueDecodingContainer {
        let record: DecodingRecord
        let codingPath: [any CodingKey] = []

        func decodeNil() -> Bool { false }

        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            record.single = try record.recorder.schema(of: type)
            return try record.recorder.value(of: type)
        }
    }

    private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let record: DecodingRecord
        let codingPath: [any CodingKey] = []

        /// An enumeration whose cases carry values has one key: that of the case.
        var allKeys: [Key] {
            guard case .key(let name)? = record.variant else { return [] }
            return Key(stringValue: name).map { [$0] } ?? []
        }

        func contains(_ key: Key) -> Bool { true }

        func decodeNil(forKey key: Key) throws -> Bool {
            record.noteOptional(key.stringValue)
            return false
        }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            if case .kind(let kind)? = record.variant, key.stringValue == SchemaVariant.kindKey {
                record.note(key.stringValue, .object(["const": .text(kind)]))
                return try JSONProfile.wire.value(type, from: JSONProfile.wire.data(of: kind))
            }
            record.note(key.stringValue, try record.recorder.schema(of: type))
            return try record.recorder.value(of: type)
        }

        func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
            record.noteOptional(key.stringValue)
            record.note(key.stringValue, try record.recorder.schema(of: type))
            return nil
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            let nested = DecodingRecord(recorder: record.recorder)
            record.note(key.stringValue, nested)
            return KeyedDecodingContainer(Fields<Nested>(record: nested))
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            throw SchemaFault(type: key.stringValue, reason: "its elements are of several types")
        }

        func superDecoder() throws -> any Decoder {
            throw SchemaFault(type: "a class", reason: "it decodes what it inherits by itself")
        }

        func superDecoder(forKey key: Key) throws -> any Decoder { try superDecoder() }
    }
}
