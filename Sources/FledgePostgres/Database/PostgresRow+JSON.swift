import FledgeCore
import PostgresClient

extension PostgresRow {
    /// The JSON column's value. - Throws: `database.unreadable_value` when another build wrote something else there.
    func json<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
        do {
            return try JSONProfile.stored.value(type, from: get(name, as: String.self))
        } catch is DecodingError {
            throw Self.unreadable(name, type)
        }
    }

    /// The JSON column's value, or nil for NULL.
    func json<Value: Decodable>(_ name: String, as type: Value?.Type) throws -> Value? {
        try get(name, as: String?.self) == nil ? nil : json(name, as: Value.self)
    }

    /// A text column whose values are an enumeration's raw values.
    func choice<Value: RawRepresentable<String>>(_ name: String, as type: Value.Type) throws -> Value {
        guard let value = Value(rawValue: try get(name, as: String.self)) else { throw Self.unreadable(name, type) }
        return value
    }

    private static func unreadable(_ column: String, _ type: (some Any).Type) -> FledgeError {
        FledgeError(
            "database.unreadable_value", "column \(column) does not hold a \(type) that this build can read",
            hint: "use the build that wrote it, or a newer one")
    }
}

extension String {
    /// PostgreSQL keeps no NUL in `text` or `jsonb`, and a model may answer with one.
    var storable: String { replacing("\0", with: "\u{FFFD}") }
}
