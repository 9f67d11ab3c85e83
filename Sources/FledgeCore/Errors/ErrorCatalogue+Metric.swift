extension ErrorCatalogue {
    /// `metric.…`
    static let metric: [ErrorEntry] = [
        ErrorEntry(
            "metric.unknown", .needsPerson, .software, http: 404,
            "Too many answers of a trial could not be scored.",
            "Write a pattern that takes fewer steps.")
    ]
}
