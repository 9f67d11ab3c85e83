/// Where the database is and how a pool uses it.
package struct PostgresConfiguration: Sendable {
    /// A `postgresql://` URL or a `keyword=value` string; empty means libpq's own environment variables.
    package var connectionString: String
    /// Whether statements are prepared on the server and notifications are listened for: both need a session of one's own,
    /// which a pooler that lends sessions for single transactions does not give. `prepared=off` in the connection string
    /// says no; the option is ours and is not passed on to libpq.
    package var hasOwnSessions: Bool
    /// The most connections that a pool opens, listeners not counted.
    package var maximumConnections: Int
    /// The name shown in `pg_stat_activity`, unless the connection string names another.
    package var applicationName: String
    /// The longest that one attempt to connect may take.
    package var connectTimeout: Duration
    /// The longest that a caller waits for a connection, retries included.
    package var acquireTimeout: Duration

    package init(
        connectionString: String,
        maximumConnections: Int = 8,
        applicationName: String = "fledge",
        connectTimeout: Duration = .seconds(5),
        acquireTimeout: Duration = .seconds(10)
    ) {
        (self.connectionString, hasOwnSessions) = Self.parted(connectionString)
        self.maximumConnections = max(1, maximumConnections)
        self.applicationName = applicationName
        self.connectTimeout = connectTimeout
        self.acquireTimeout = acquireTimeout
    }

    /// The string without the option of ours, and what that says.
    private static func parted(_ text: String) -> (text: String, hasOwnSessions: Bool) {
        let isURL = text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
        guard let start = isURL ? text.firstIndex(of: "?") : text.startIndex else { return (text, true) }
        let options = text[start...].drop { $0 == "?" }
        let separator: Character = isURL ? "&" : " "
        let kept = options.split(separator: separator, omittingEmptySubsequences: false)
            .filter { $0 != "prepared=off" && $0 != "prepared=on" }
        let hasOwnSessions = !options.split(separator: separator).contains("prepared=off")
        let rest = kept.joined(separator: String(separator))
        return (text[..<start] + (isURL && !rest.isEmpty ? "?" : "") + rest, hasOwnSessions)
    }
}
