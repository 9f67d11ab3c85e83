import CLibpq

extension PostgresConnection {
    /// Runs one statement, prepared at its first use on this connection, and returns its rows.
    package func query(_ sql: String, _ parameters: [(any PostgresEncodable)?] = []) async throws -> [PostgresRow] {
        try await run(sql, parameters).rows
    }

    /// Runs one statement and returns the number of rows that it changed.
    @discardableResult
    package func execute(_ sql: String, _ parameters: [(any PostgresEncodable)?] = []) async throws -> Int {
        try await run(sql, parameters).affectedRows
    }

    /// Runs one statement and returns its whole result.
    package func run(_ sql: String, _ parameters: [(any PostgresEncodable)?] = []) async throws -> PostgresResult {
        let buffer = try ParameterBuffer(parameters, query: sql)
        return try await cancellable { pointer in
            let wasCached = statements.name(for: sql) != nil
            do {
                return try executePrepared(sql, buffer, pointer)
            } catch let error as PostgresError
                where wasCached && Self.isStale(error) && PQtransactionStatus(pointer) == PQTRANS_IDLE
            {
                // The schema changed under a prepared plan, or somebody ran DISCARD ALL: prepare again.
                forget(sql, pointer)
                return try executePrepared(sql, buffer, pointer)
            }
        }
    }

    /// Runs several statements separated by semicolons, without parameters, in one implicit transaction.
    package func script(_ sql: String) async throws {
        try await cancellable { pointer in
            _ = try Self.checked(PQexec(pointer, sql), pointer, query: sql)
        }
    }

    private func executePrepared(
        _ sql: String, _ buffer: ParameterBuffer, _ pointer: OpaquePointer
    ) throws(PostgresError) -> PostgresResult {
        guard configuration.hasOwnSessions else {
            let result = buffer.withPointers { count, values in
                PQexecParams(pointer, sql, count, nil, values, nil, nil, 0)
            }
            return try Self.checked(result, pointer, query: sql)
        }
        let name = try preparedName(sql, pointer)
        let result = buffer.withPointers { count, values in
            PQexecPrepared(pointer, name, count, values, nil, nil, 0)
        }
        return try Self.checked(result, pointer, query: sql)
    }

    private func preparedName(_ sql: String, _ pointer: OpaquePointer) throws(PostgresError) -> String {
        if let name = statements.name(for: sql) { return name }
        let name = statements.newName()
        _ = try Self.checked(PQprepare(pointer, name, sql, 0, nil), pointer, query: sql)
        if let evicted = statements.insert(sql, name: name) { deallocate(evicted, pointer) }
        return name
    }

    private func forget(_ sql: String, _ pointer: OpaquePointer) {
        if let name = statements.remove(sql) { deallocate(name, pointer) }
    }

    func deallocate(_ name: String, _ pointer: OpaquePointer) {
        // It may be gone already (DISCARD ALL), and a statement too many does no harm.
        PQclear(PQexec(pointer, "DEALLOCATE \(name)"))
    }

    private static func isStale(_ error: PostgresError) -> Bool {
        error.sqlState == "26000" || error.sqlState == "0A000" && error.message.contains("cached plan")
    }
}
