extension ErrorCatalogue {
    /// `comparison.…`
    static let comparison: [ErrorEntry] = [
        ErrorEntry(
            "comparison.bad_confidence", .permanent, .badData,
            "The confidence of a comparison is out of its range.",
            "Write a number above 0.5 and below 1."),
        ErrorEntry(
            "comparison.bad_margin", .permanent, .badData,
            "The margin of a comparison is out of its range.",
            "Write a share, such as 0.02."),
        ErrorEntry(
            "comparison.bad_metric", .permanent, .badData,
            "A comparison names a metric that is not the score of a single answer.",
            "Compare accuracy or another such metric."),
        ErrorEntry(
            "comparison.duplicate", .permanent, .badData,
            "The same comparison is asked for twice.",
            "Keep the stricter one."),
        ErrorEntry(
            "comparison.implied", .permanent, .success,
            "One comparison is implied by another.",
            "Keep BetterThan alone."),
    ]
}
