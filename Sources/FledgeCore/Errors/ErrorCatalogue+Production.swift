extension ErrorCatalogue {
    /// `production.…`
    static let production: [ErrorEntry] = [
        ErrorEntry(
            "production.no_approver", .permanent, .badData,
            "Nobody else than the author approves, as the definition asks for.",
            "Let a person approve.")
    ]
}
