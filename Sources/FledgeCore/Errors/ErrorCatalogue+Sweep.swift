extension ErrorCatalogue {
    /// `sweep.…`
    static let sweep: [ErrorEntry] = [
        ErrorEntry(
            "sweep.bad_cost", .permanent, .badData,
            "The cost of a sweep is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "sweep.bad_folds", .permanent, .badData,
            "The folds of a sweep are out of their range, or too many for the data.",
            "Write fewer folds, or label more rows."),
        ErrorEntry(
            "sweep.bad_limit", .permanent, .badData,
            "The time limit of a sweep is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "sweep.bad_trials", .permanent, .badData,
            "The trials of a sweep are out of their range.",
            "Write 2 trials or more."),
        ErrorEntry(
            "sweep.duplicate", .permanent, .badData,
            "A value or a seed of a sweep is given twice.",
            "Keep one of them."),
        ErrorEntry(
            "sweep.no_price", .permanent, .badData,
            "The cost of a sweep is capped, and an hour of training has no price.",
            "Add Costs."),
        ErrorEntry(
            "sweep.no_trial", .needsPerson, .software,
            "The budget of a sweep is too small for one trial.",
            "Raise its Limit or Cost."),
        ErrorEntry(
            "sweep.nothing_to_try", .permanent, .badData,
            "The sweep has one setting only.",
            "Give a hyperparameter several values."),
        ErrorEntry(
            "sweep.out_of_range", .permanent, .badData,
            "A number of a sweep is out of its range.",
            "Write a number in the range that the message names."),
    ]
}
