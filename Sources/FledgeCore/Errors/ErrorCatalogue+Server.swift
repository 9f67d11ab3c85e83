extension ErrorCatalogue {
    /// `server.…`
    static let server: [ErrorEntry] = [
        ErrorEntry(
            "server.cannot_listen", .needsPerson, .configuration,
            "The daemon can't listen at its address.",
            "Choose another address, or end what listens there."),
        ErrorEntry(
            "server.no_key", .internal, .unavailable, http: 503,
            "The key of the local model server is empty.",
            "Retry, and report it if it happens again."),
        ErrorEntry(
            "server.start_failed", .transient, .unavailable,
            "The local model server did not start.",
            "Look at its log."),
        ErrorEntry(
            "server.token_too_short", .needsPerson, .configuration,
            "The daemon's token is too short.",
            "Make one with openssl rand -hex 32."),
    ]
}
