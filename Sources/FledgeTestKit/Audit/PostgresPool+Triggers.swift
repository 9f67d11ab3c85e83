import PostgresClient

extension PostgresPool {
    /// Runs statements in one transaction as somebody with every right does who switches all triggers off.
    package func behindTheTriggers(_ statements: String...) async throws {
        try await behindTheTriggers(statements)
    }

    package func behindTheTriggers(_ statements: [String]) async throws {
        try await withTransaction { connection in
            try await connection.script("SET LOCAL session_replication_role = replica")
            for statement in statements { try await connection.execute(statement) }
        }
    }
}
