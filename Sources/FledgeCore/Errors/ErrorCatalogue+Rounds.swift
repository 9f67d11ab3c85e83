extension ErrorCatalogue {
    /// `rounds.…`
    static let rounds: [ErrorEntry] = [
        ErrorEntry(
            "rounds.not_positive", .permanent, .badData,
            "A number of Rounds is out of its range.",
            "Write a number in the range that the message names.")
    ]
}
