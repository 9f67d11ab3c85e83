extension ErrorCatalogue {
    /// `fledge.…`
    static let fledge: [ErrorEntry] = [
        ErrorEntry(
            "fledge.cancelled", .transient, .tryAgain,
            "The command was stopped before its end.",
            "Run it again."),
        ErrorEntry(
            "fledge.internal", .internal, .software,
            "The command failed in a way that nobody expected.",
            "Report it."),
    ]
}
