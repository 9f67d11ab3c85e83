extension ErrorCatalogue {
    /// `criterion.…`
    static let criterion: [ErrorEntry] = [
        ErrorEntry(
            "criterion.bad_confidence", .permanent, .badData,
            "The confidence of a criterion is out of its range.",
            "Write a number above 0.5 and below 1."),
        ErrorEntry(
            "criterion.bad_examples", .permanent, .badData,
            "The number of examples of a criterion is out of its range.",
            "Write a number of examples, such as 60."),
        ErrorEntry(
            "criterion.bad_field", .permanent, .badData,
            "A criterion on a JSON field names no field.",
            "Name the field."),
        ErrorEntry(
            "criterion.bad_pattern", .permanent, .badData,
            "A pattern is not a regular expression.",
            "Mend the pattern."),
        ErrorEntry(
            "criterion.bad_perturbation", .permanent, .badData,
            "A perturbation is named twice, or has nothing to change.",
            "Leave it out."),
        ErrorEntry(
            "criterion.bad_repeats", .permanent, .badData,
            "The repeats of a criterion are out of their range.",
            "Write a number of repeats, such as 3."),
        ErrorEntry(
            "criterion.bad_tolerance", .permanent, .badData,
            "The tolerance of a criterion is out of its range.",
            "Write 0 or more."),
        ErrorEntry(
            "criterion.below_majority", .permanent, .success,
            "A criterion asks for less than always giving the most frequent answer would reach.",
            "Ask for more, or balance the data."),
        ErrorEntry(
            "criterion.contradiction", .permanent, .badData,
            "Two criteria can't both be met.",
            "Drop one of them."),
        ErrorEntry(
            "criterion.duplicate", .permanent, .badData,
            "The same metric is bounded twice.",
            "Keep the stricter bound."),
        ErrorEntry(
            "criterion.no_perturbation", .permanent, .badData,
            "Robustness names no perturbation.",
            "Name some, such as .case and .typos."),
        ErrorEntry(
            "criterion.no_price", .permanent, .badData,
            "A cost is bounded, and a model has no price.",
            "Give the model a price."),
        ErrorEntry(
            "criterion.no_single_score", .permanent, .badData,
            "Macro F1 is asked for without a metric that scores single answers.",
            "Add Accuracy(atLeast:), by which prompts are ranked."),
        ErrorEntry(
            "criterion.out_of_range", .permanent, .badData,
            "The bound of a criterion is out of its range.",
            "Write a bound in the range that the message names."),
        ErrorEntry(
            "criterion.pattern_references", .permanent, .badData,
            "A pattern refers to its groups too often.",
            "Write a pattern with fewer references."),
        ErrorEntry(
            "criterion.pattern_too_long", .permanent, .badData,
            "A pattern is too long.",
            "Write a shorter one, or compare with another metric."),
        ErrorEntry(
            "criterion.slow_pattern", .permanent, .success,
            "A pattern takes too many steps on some texts.",
            "Write it without repeats within repeats."),
        ErrorEntry(
            "criterion.too_many_calls", .permanent, .badData,
            "A criterion would ask too many calls at each gate.",
            "Ask for fewer examples or repeats."),
        ErrorEntry(
            "criterion.unknown_field", .permanent, .badData,
            "No expected answer has the field that a criterion names.",
            "Name a field that the answers have."),
        ErrorEntry(
            "criterion.unprovable", .permanent, .badData,
            "No number of examples can show what a criterion asks for.",
            "Ask for less than 1, such as 0.99."),
        ErrorEntry(
            "criterion.unreachable", .permanent, .badData,
            "The holdout is too small to show what a criterion asks for.",
            "Add examples, or lower the bound or the confidence."),
        ErrorEntry(
            "criterion.wrong_side", .permanent, .badData,
            "A metric is bounded on its wrong side.",
            "Use atLeast or atMost, as the message says."),
    ]
}
