extension ErrorCatalogue {
    /// `gate.…`
    static let gate: [ErrorEntry] = [
        ErrorEntry(
            "gate.answers_missing", .needsPerson, .badData, http: 422,
            "Too many answers at the gate are missing, and the look at the holdout is not judged.",
            "Remove the cause that the message names, then retry."),
        ErrorEntry(
            "gate.error", .internal, .software,
            "The gate could not be judged.",
            "Look at fledge explain."),
        ErrorEntry(
            "gate.no_experiment", .internal, .software,
            "The experiment that the gate judges is not in the database.",
            "Report it, with the daemon's log."),
        ErrorEntry(
            "gate.uncalibrated_judge", .needsPerson, .inconclusive, http: 400,
            "Too few of the judge's answers are labelled to trust it.",
            "Label answers with fledge label, then retry."),
    ]
}
