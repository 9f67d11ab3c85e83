extension ErrorCatalogue {
    /// `search.…`
    static let search: [ErrorEntry] = [
        ErrorEntry(
            "search.bad_proposals", .permanent, .badData,
            "The number of proposals is out of its range.",
            "Write 1 to 32."),
        ErrorEntry(
            "search.bad_sets", .permanent, .badData,
            "The number of demonstration sets is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "search.bad_sizes", .permanent, .badData,
            "The sizes of demonstration sets are missing, repeated or out of their range.",
            "Write distinct sizes."),
        ErrorEntry(
            "search.duplicate", .permanent, .badData,
            "The search names a strategy twice.",
            "Keep one of them."),
        ErrorEntry(
            "search.none", .permanent, .badData,
            "The search has no strategy.",
            "Name one, such as .grid."),
        ErrorEntry(
            "search.too_many_demonstrations", .permanent, .badData,
            "More demonstrations are asked for than may be shown.",
            "Show fewer, or make the prototype split larger."),
        ErrorEntry(
            "search.unknown_model", .permanent, .badData,
            "Reflection asks a model that is none of the definition's.",
            "Name a model of the Models block."),
    ]
}
