extension ErrorCatalogue {
    /// `decision.…`
    static let decision: [ErrorEntry] = [
        ErrorEntry(
            "decision.no_gate", .internal, .software,
            "The gate that a decision is about is not in the database.",
            "Report it, with the daemon's log."),
        ErrorEntry(
            "decision.unknown", .permanent, .usage, http: 404,
            "There is no such decision.",
            "Look at the decisions with fledge explain."),
    ]
}
