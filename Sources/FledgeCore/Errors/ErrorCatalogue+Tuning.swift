extension ErrorCatalogue {
    /// `tuning.…`
    static let tuning: [ErrorEntry] = [
        ErrorEntry(
            "tuning.one_group", .needsPerson, .badData, http: 422,
            "All training examples are of one group, so none can be held back.",
            "Name a finer Group, or leave out Sweep and Pilot."),
        ErrorEntry(
            "tuning.too_few_examples", .needsPerson, .badData, http: 422,
            "There are too few training examples for a pilot.",
            "Make the largest size of Pilot smaller, or label more rows."),
    ]
}
