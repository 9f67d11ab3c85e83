extension ErrorCatalogue {
    /// `answers.…`
    static let answers: [ErrorEntry] = [
        ErrorEntry(
            "answers.missing", .needsPerson, .badData, http: 422,
            "More of a candidate's answers are missing than the definition allows.",
            "Remove the cause that the message names, then retry or apply the definition again.")
    ]
}
