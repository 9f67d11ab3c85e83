extension ErrorCatalogue {
    /// `wait.…`
    static let wait: [ErrorEntry] = [
        ErrorEntry(
            "wait.timeout", .transient, .tryAgain,
            "What was waited for has not come in time.",
            "Look where it stands with fledge status.")
    ]
}
