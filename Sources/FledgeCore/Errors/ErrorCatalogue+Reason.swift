extension ErrorCatalogue {
    /// `reason.…`
    static let reason: [ErrorEntry] = [
        ErrorEntry(
            "reason.empty", .permanent, .usage, http: 400,
            "No reason was given.",
            "Say why in a few words.")
    ]
}
