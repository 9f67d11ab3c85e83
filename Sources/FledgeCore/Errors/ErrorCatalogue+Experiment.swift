extension ErrorCatalogue {
    /// `experiment.…`
    static let experiment: [ErrorEntry] = [
        ErrorEntry(
            "experiment.no_scores", .needsPerson, .badData, http: 422,
            "No candidate could be scored.",
            "Give the stage a larger Budget, or look at the calls' errors.")
    ]
}
