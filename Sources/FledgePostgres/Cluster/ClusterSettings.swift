/// The private server's settings, written before each start.
struct ClusterSettings: Sendable {
    let layout: ClusterLayout
    let overrides: [String: String]

    private var values: [String: String] {
        [
            "listen_addresses": "",
            "port": String(ClusterLayout.port),
            "unix_socket_directories": layout.socketDirectory,
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "64MB",
            "max_wal_size": "512MB",
            "synchronous_commit": "on",
            "timezone": "UTC",
            // Seven files, one a weekday, each written anew after a week.
            "logging_collector": "on",
            "log_directory": layout.logs,
            "log_filename": "postgresql-%a.log",
            "log_rotation_age": "1d",
            "log_truncate_on_rotation": "on",
            "log_timezone": "UTC",
            // Statements and the DETAIL of an error quote rows: prompts and answers.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        ].merging(overrides) { _, override in override }
    }

    var text: String {
        "# Written by Fledge at each start.\n"
            + values.sorted { $0.key < $1.key }
            .map { "\($0) = '\($1.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'\n" }
            .joined()
    }
}
