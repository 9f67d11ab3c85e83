extension PostgresConnection {
    /// Runs the body between BEGIN and COMMIT; rolls back when it throws.
    ///
    /// Throws `postgres.commit_unknown` when the connection is lost around COMMIT: look before you repeat.
    nonisolated(nonsending) package func transaction<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await transaction(beginningWith: []) { connection, _ in try await body(connection) }
    }

    /// The same, with statements that go to the server together with BEGIN, in one round trip; the body is given their results.
    nonisolated(nonsending) package func transaction<Value: Sendable>(
        beginningWith first: [PostgresStatement],
        _ body: (PostgresConnection, [PostgresResult]) async throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        if first.isEmpty { _ = try await control("BEGIN") }
        let value: Value
        do {
            var results: [PostgresResult] = []
            if !first.isEmpty { results = Array(try await pipeline([PostgresStatement("BEGIN")] + first).dropFirst()) }
            value = try await body(self, results)
        } catch {
            // When even this fails the connection is broken, and the server rolls back on its own.
            _ = try? await control("ROLLBACK")
            throw error
        }
        do {
            let result = try await control("COMMIT")
            guard result.command == "COMMIT" else {
                throw PostgresError(
                    .transactionAborted, "a statement of the transaction had failed, so that COMMIT rolled back")
            }
        } catch let error as PostgresError where error.code == .connection {
            throw PostgresError(
                .commitUnknown, "the connection was lost around COMMIT: \(error.message)", sqlState: error.sqlState)
        }
        return value
    }
}
