extension ErrorCatalogue {
    /// `pilot.…`
    static let pilot: [ErrorEntry] = [
        ErrorEntry(
            "pilot.bad_size", .permanent, .badData,
            "A size of Pilot is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "pilot.not_rising", .permanent, .badData,
            "The sizes of Pilot do not rise.",
            "Write the smallest first."),
        ErrorEntry(
            "pilot.too_few_sizes", .permanent, .badData,
            "Pilot has too few sizes.",
            "Write three sizes or more."),
        ErrorEntry(
            "pilot.too_large", .permanent, .badData,
            "The largest size of Pilot does not fit the data.",
            "Make it smaller, or label more rows."),
    ]
}
