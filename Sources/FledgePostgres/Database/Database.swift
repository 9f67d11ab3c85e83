import FledgeCore
import Logging
import PostgresClient

/// One PostgreSQL database, as the stores use it. Several daemons may share it.
///
/// No transaction is open across anything but the database. Failures come out as `FledgeError`: `database.unreachable`,
/// `database.busy` and the like.
package struct Database: Sendable {
    let pool: PostgresPool
    let logger: Logger

    package init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    /// Runs one statement that may be run twice; tries again after a deadlock or a lost connection.
    func rows(
        _ statement: some StoredStatement, _ parameters: [(any PostgresEncodable)?] = []
    ) async throws -> [PostgresRow] {
        try await repeating(isRepeatable: true) { try await pool.query(statement.rawValue, parameters) }
    }

    /// Runs one statement and returns the number of rows that it changed.
    @discardableResult
    func change(_ statement: some StoredStatement, _ parameters: [(any PostgresEncodable)?] = []) async throws -> Int {
        try await repeating { try await pool.execute(statement.rawValue, parameters) }
    }

    /// Runs the body in one transaction; again from its start when the server undid it for another's sake.
    ///
    /// - Parameter isRepeatable: whether running the body once more after it may have been committed changes nothing more.
    nonisolated(nonsending) func transaction<Value: Sendable>(
        isRepeatable: Bool = true, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await repeating(isRepeatable: isRepeatable) { try await pool.withTransaction(body) }
    }

    /// Runs the body; again where the server undid it for another's sake, at most five times in all.
    ///
    /// - Parameter isRepeatable: whether it is run again after a connection broke, or a COMMIT wasn't answered, as well.
    nonisolated(nonsending) func repeating<Value: Sendable>(
        isRepeatable: Bool = false, _ body: () async throws -> Value
    ) async throws -> Value {
        var attempt = 1
        let start = ContinuousClock.now
        while true {
            do {
                return try await body()
            } catch let error as PostgresError {
                // A connection that broke under the statement is replaced at once; one that could not be opened has been
                // tried for long enough.
                let isBroken = error.code == .connection && error.isTransient && start.duration(to: .now) < .seconds(2)
                let isUndone = error.isUndone || (isRepeatable && (isBroken || error.code == .commitUnknown))
                guard isUndone, attempt < Self.maximumAttempts else { throw FledgeError(error) }
                logger.debug(
                    "the transaction was undone; trying again",
                    metadata: ["attempt": "\(attempt)", "error": "\(error)"])
                // The pause is random, so that transactions that collided do not collide again.
                try await Task.sleep(for: .milliseconds(Int.random(in: 1...(10 << attempt))))
                attempt += 1
            }
        }
    }

    private static let maximumAttempts = 5
}

extension PostgresConnection {
    func rows(
        _ statement: some StoredStatement, _ parameters: [(any PostgresEncodable)?] = []
    ) async throws -> [PostgresRow] {
        try await query(statement.rawValue, parameters)
    }

    @discardableResult
    func change(_ statement: some StoredStatement, _ parameters: [(any PostgresEncodable)?] = []) async throws -> Int {
        try await execute(statement.rawValue, parameters)
    }
}

extension PostgresStatement {
    init(_ statement: some StoredStatement, _ parameters: [(any PostgresEncodable)?] = []) {
        self.init(statement.rawValue, parameters)
    }
}
