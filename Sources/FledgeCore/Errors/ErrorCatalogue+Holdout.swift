extension ErrorCatalogue {
    /// `holdout.…`
    static let holdout: [ErrorEntry] = [
        ErrorEntry(
            "holdout.exhausted", .needsPerson, .badData, http: 422,
            "The holdout has been looked at as often as the error rate allows.",
            "Add fresh labelled rows to the data, and apply the definition.")
    ]
}
