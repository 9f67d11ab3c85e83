/// Where the database is and how a pool uses it.
package struct PostgresConfiguration: Sendable {
    /// A `postgresql://` URL or a `keyword=value` string; empty means libpq's own environment variables.
    package var connectionString: String
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
        self.connectionString = connectionString
        self.maximumConnections = max(1, maximumConnections)
        self.applicationName = applicationName
        self.connectTimeout = connectTimeout
        self.acquireTimeout = acquireTimeout
    }
}
