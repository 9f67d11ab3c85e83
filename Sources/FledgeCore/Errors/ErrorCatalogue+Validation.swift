extension ErrorCatalogue {
    /// `validation.…`
    static let validation: [ErrorEntry] = [
        ErrorEntry(
            "validation.bad_looks", .permanent, .badData,
            "The number of looks at the holdout is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "validation.bad_missing_answers", .permanent, .badData,
            "The share of answers that may be missing is out of its range.",
            "Write a share from 0 up to 1."),
        ErrorEntry(
            "validation.no_criteria", .permanent, .badData,
            "Validation requires nothing.",
            "Add a Require block."),
    ]
}
