extension ErrorCatalogue {
    /// `slices.…`
    static let slices: [ErrorEntry] = [
        ErrorEntry(
            "slices.bad_confidence", .permanent, .badData,
            "The confidence of Slices is out of its range.",
            "Write a number above 0.5 and below 1."),
        ErrorEntry(
            "slices.bad_examples", .permanent, .badData,
            "The examples of Slices are out of their range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "slices.duplicate", .permanent, .badData,
            "Slices names a field twice.",
            "Keep one of them."),
        ErrorEntry(
            "slices.no_field", .permanent, .badData,
            "Slices names no field.",
            "Name one."),
    ]
}
