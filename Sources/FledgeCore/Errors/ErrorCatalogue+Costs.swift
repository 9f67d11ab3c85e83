extension ErrorCatalogue {
    /// `costs.…`
    static let costs: [ErrorEntry] = [
        ErrorEntry(
            "costs.bad_price", .permanent, .badData,
            "A price of Costs is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "costs.unused", .permanent, .success,
            "Costs of tuning are given, and nothing is tuned.",
            "Add a FineTune block, or leave Costs out."),
    ]
}
