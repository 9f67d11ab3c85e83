import CLibpq

extension PostgresError {
    /// The error that a failed result carries.
    init(result: OpaquePointer, connection: OpaquePointer, query: String) {
        func field(_ letter: UnicodeScalar) -> String? {
            PQresultErrorField(result, Int32(letter.value)).map { String(cString: $0) }
        }
        let state = field("C")
        let lost = PQstatus(connection) == CONNECTION_BAD
        let code: Code = lost ? .connection : state == "57014" ? .cancelled : .statement
        let message = field("M") ?? Self.trimmed(String(cString: PQresultErrorMessage(result)))
        self.init(
            code, Self.withoutValues(message.isEmpty ? "the connection was lost" : message, sqlState: state),
            sqlState: state, query: Self.firstLine(query))
        detail = field("D")
        hint = field("H")
        constraint = field("n")
        table = field("t")
        column = field("c")
    }

    /// The connection's own last error: nothing came back from the server.
    init(connection: OpaquePointer, query: String? = nil) {
        let message = Self.trimmed(String(cString: PQerrorMessage(connection)))
        self.init(
            .connection, message.isEmpty ? "the connection was lost" : message,
            query: query.map(Self.firstLine))
    }

    /// Data exceptions (class 22) quote the value that did not fit: `invalid input syntax for type integer: "…"`.
    static func withoutValues(_ message: String, sqlState: String?) -> String {
        guard let sqlState, sqlState.hasPrefix("22") else { return message }
        guard let quote = message.firstIndex(of: "\"") else { return message }
        return trimmed(String(message[..<quote])).trimmingTrailingColon + " (value left out)"
    }

    static func firstLine(_ sql: String) -> String {
        let line = sql.split(whereSeparator: \.isNewline).first { $0.contains { !$0.isWhitespace } } ?? ""
        let text = line.drop(while: \.isWhitespace)
        return text.count > 120 ? text.prefix(119) + "…" : String(text)
    }

    static func trimmed(_ text: String) -> String {
        var slice = text[...]
        while let last = slice.last, last.isWhitespace { slice.removeLast() }
        return String(slice.drop(while: \.isWhitespace))
    }
}

extension String {
    fileprivate var trimmingTrailingColon: String { hasSuffix(":") ? String(dropLast()) : self }
}
