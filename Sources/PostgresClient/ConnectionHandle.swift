import CLibpq
import Glibc

/// Owns a libpq connection and closes it once.
final class ConnectionHandle {
    let pointer: OpaquePointer

    /// Connects, blocking the calling thread for at most `connectTimeout`; `isCancelled` is asked ten times a second.
    init(
        _ configuration: PostgresConfiguration, isCancelled: () -> Bool
    ) throws {
        try Self.check(configuration.connectionString)
        // What stands before `dbname` are defaults that the connection string may override.
        let settings: [(String, String)] = [
            ("fallback_application_name", configuration.applicationName),
            ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"),
            ("dbname", configuration.connectionString),
            ("client_encoding", "UTF8"),
        ]
        let keywords = settings.map { strdup($0.0) }
        let values = settings.map { strdup($0.1) }
        defer { (keywords + values).forEach { free($0) } }
        guard
            let pointer = PQconnectStartParams(
                keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
        else { throw PostgresError(.connection, "no memory for a connection") }
        self.pointer = pointer
        // Notices are the server's small talk; by default libpq prints them to stderr.
        PQsetNoticeProcessor(pointer, { _, _ in }, nil)
        guard PQstatus(pointer) != CONNECTION_BAD else { throw PostgresError(connection: pointer) }

        let deadline = ContinuousClock.now + configuration.connectTimeout
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            if isCancelled() { throw CancellationError() }
            if state == PGRES_POLLING_FAILED { throw Self.refusal(pointer) }
            if ContinuousClock.now > deadline {
                throw PostgresError(.connection, "no answer from the server within \(configuration.connectTimeout)")
            }
            var descriptor = pollfd(
                fd: PQsocket(pointer), events: Int16(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), revents: 0)
            if poll(&descriptor, 1, 100) > 0 { state = PQconnectPoll(pointer) }
        }
        // Decoding relies on these forms; a role's or a database's own settings may differ. Compiling a statement costs
        // hundreds of milliseconds, and a LIMIT that is a parameter makes short statements look dear enough for it.
        let result = PQexec(
            pointer,
            "SET DateStyle = ISO, YMD; SET TimeZone = 'UTC'; SET bytea_output = hex; SET extra_float_digits = 1; SET jit = off"
        )
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK else { throw PostgresError(connection: pointer) }
    }

    deinit { PQfinish(pointer) }

    var isBroken: Bool { PQstatus(pointer) == CONNECTION_BAD }

    /// Refuses a string that libpq can't read, in words of our own: libpq's quote the string, password and all.
    private static func check(_ connectionString: String) throws(PostgresError) {
        if connectionString.isEmpty { return }
        guard let options = PQconninfoParse(connectionString, nil) else {
            throw PostgresError(
                .configuration,
                "the connection string is neither a postgresql:// URL nor keyword=value pairs that libpq can read. "
                    + "In a URL, special characters of a password are percent-encoded")
        }
        defer { PQconninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword {
            // A password with an @ in it ends up in the host, which libpq's errors show.
            if strcmp(keyword, "host") == 0, let host = option.pointee.val,
                strchr(host, Int32(UInt8(ascii: "@"))) != nil,
                host.pointee != CChar(UInt8(ascii: "@"))
            {
                throw PostgresError(
                    .configuration, "the connection string's host has an @ in it: write a password's @ as %40")
            }
            option += 1
        }
    }

    /// libpq gives no SQLSTATE for a refused login: its words are all there is.
    private static func refusal(_ pointer: OpaquePointer) -> PostgresError {
        var error = PostgresError(connection: pointer)
        if error.message.contains("authentication failed") || error.message.contains("no pg_hba.conf entry")
            || error.message.contains("role \"") || PQconnectionNeedsPassword(pointer) == 1
        {
            error.sqlState = "28000"
        } else if error.message.contains("database \"") && error.message.contains("does not exist") {
            error.sqlState = "3D000"
        }
        return error
    }
}
