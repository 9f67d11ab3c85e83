/// What went wrong between this process and PostgreSQL; its description never holds a parameter's value.
package struct PostgresError: Error, Sendable {
    /// A stable code for programs to compare.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// The server can't be reached, refused the login, or the connection was lost.
        package static let connection = Code(rawValue: "postgres.connection")
        /// The connection string can't be read.
        package static let configuration = Code(rawValue: "postgres.configuration")
        /// The server rejected a statement; `sqlState` says why.
        package static let statement = Code(rawValue: "postgres.statement")
        /// The server ended a statement: a statement timeout, or somebody else's cancel request.
        package static let cancelled = Code(rawValue: "postgres.cancelled")
        /// A column is missing, NULL where a value was asked for, or of another type.
        package static let decoding = Code(rawValue: "postgres.decoding")
        /// A parameter cannot be sent to PostgreSQL.
        package static let parameter = Code(rawValue: "postgres.parameter")
        /// No connection became free in time.
        package static let acquireTimeout = Code(rawValue: "postgres.acquire_timeout")
        /// The pool was shut down.
        package static let shutdown = Code(rawValue: "postgres.shutdown")
        /// The connection was lost around COMMIT: the transaction may or may not be in the database.
        package static let commitUnknown = Code(rawValue: "postgres.commit_unknown")
        /// COMMIT rolled back, because a statement of the transaction had failed.
        package static let transactionAborted = Code(rawValue: "postgres.transaction_aborted")
    }

    package var code: Code
    /// What happened, without parameter values.
    package var message: String
    /// The five-character SQLSTATE, when the server answered.
    package var sqlState: String?
    /// The server's detail. It may quote rows: show it to the database's owner only.
    package var detail: String?
    package var hint: String?
    package var constraint: String?
    package var table: String?
    package var column: String?
    /// The first line of the statement.
    package var query: String?

    package init(_ code: Code, _ message: String, sqlState: String? = nil, query: String? = nil) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
        self.query = query
    }

    /// Whether the same work may succeed on another connection or a little later.
    package var isTransient: Bool {
        if code == .connection || code == .acquireTimeout {
            // Logins that are wrong (28) and databases that do not exist (3D) stay so.
            guard let sqlState else { return true }
            return !sqlState.hasPrefix("28") && !sqlState.hasPrefix("3D")
        }
        guard let sqlState else { return false }
        return ["40001", "40P01", "55P03", "53300"].contains(sqlState) || sqlState.hasPrefix("57P")
    }

    package var isUniqueViolation: Bool { sqlState == "23505" }
    package var isForeignKeyViolation: Bool { sqlState == "23503" }
    package var isCheckViolation: Bool { sqlState == "23514" }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String {
        var text = "\(code.rawValue): \(message)"
        if let sqlState { text += " [SQLSTATE \(sqlState)]" }
        if let constraint { text += " [constraint \(constraint)]" }
        if let hint { text += " (\(hint))" }
        if let query { text += " in: \(query)" }
        return text
    }

    // Without this, a dump of the struct would show `detail`, which quotes rows.
    package var debugDescription: String { description }
}
