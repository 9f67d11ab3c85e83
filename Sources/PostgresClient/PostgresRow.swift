import CLibpq

/// One row of a result.
package struct PostgresRow: Sendable {
    let result: PostgresResult
    let index: Int32

    /// The column's value; throws `postgres.decoding` when the column is missing, NULL or of another type.
    package func get<Value: PostgresDecodable>(
        _ name: String, as type: Value.Type
    ) throws(PostgresError) -> Value {
        guard let value = try get(name, as: Value?.self) else {
            throw PostgresError(.decoding, "column \(name) is NULL, where a \(type) was expected")
        }
        return value
    }

    /// The column's value, or nil for NULL.
    package func get<Value: PostgresDecodable>(
        _ name: String, as type: Value?.Type
    ) throws(PostgresError) -> Value? {
        guard let column = result.column(named: name) else {
            throw PostgresError(
                .decoding, "the result has no column \(name); it has \(result.columns.joined(separator: ", "))")
        }
        if PQgetisnull(result.pointer, index, column) == 1 { return nil }
        guard let start = PQgetvalue(result.pointer, index, column) else { return nil }
        let count = Int(PQgetlength(result.pointer, index, column))
        let value = start.withMemoryRebound(to: UInt8.self, capacity: count) {
            Value.decode(UnsafeBufferPointer(start: $0, count: count))
        }
        guard let value else {
            let oid = PQftype(result.pointer, column)
            throw PostgresError(.decoding, "column \(name) (type oid \(oid)) is not a \(Value.self)")
        }
        return value
    }
}
