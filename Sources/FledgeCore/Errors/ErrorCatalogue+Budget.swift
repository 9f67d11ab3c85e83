extension ErrorCatalogue {
    /// `budget.…`
    static let budget: [ErrorEntry] = [
        ErrorEntry(
            "budget.not_positive", .permanent, .badData,
            "A part of a Budget is zero or less, or too large.",
            "Write a number in the range that the message names.")
    ]
}
