extension ErrorCatalogue {
    /// `usage.…`
    static let usage: [ErrorEntry] = [
        ErrorEntry(
            "usage.unknown_command", .permanent, .usage, http: 400,
            "There is no such command.",
            "Look at the commands with fledge --help.")
    ]
}
