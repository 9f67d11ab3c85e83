extension ErrorCatalogue {
    /// `page.…`
    static let page: [ErrorEntry] = [
        ErrorEntry(
            "page.socket_only.unknown", .permanent, .usage, http: 404,
            "The page of the status is served on the daemon's socket alone.",
            "Look at fledge status --server instead.")
    ]
}
