extension ErrorCatalogue {
    /// `dataset.…`
    static let dataset: [ErrorEntry] = [
        ErrorEntry(
            "dataset.bad_preferences", .permanent, .badData,
            "Preferences names a field without a name, or one field twice.",
            "Name two fields."),
        ErrorEntry(
            "dataset.bad_split", .permanent, .badData,
            "A split has too few or too many rows.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "dataset.few_training_rows", .permanent, .success,
            "Fewer rows are left to train on than are asked for.",
            "Add examples, or make the other splits smaller."),
        ErrorEntry(
            "dataset.many_labels", .permanent, .success,
            "There are too many labels to stratify the splits by.",
            "Leave out stratify."),
        ErrorEntry(
            "dataset.no_expected", .permanent, .badData,
            "The dataset names no expected field.",
            "Add Expected."),
        ErrorEntry(
            "dataset.no_input", .permanent, .badData,
            "The dataset names no input.",
            "Add Input."),
        ErrorEntry(
            "dataset.no_split", .permanent, .badData,
            "The dataset is not split.",
            "Add Split."),
        ErrorEntry(
            "dataset.none", .permanent, .badData,
            "The definition has no Dataset block.",
            "Add one."),
        ErrorEntry(
            "dataset.split_too_large", .permanent, .badData,
            "The splits ask for more rows than there are.",
            "Make the splits smaller, or label more rows."),
        ErrorEntry(
            "dataset.unknown_field", .permanent, .badData,
            "The data has no such field.",
            "Name a field that it has."),
        ErrorEntry(
            "dataset.unused_preferences", .permanent, .success,
            "Preferences are named, and nothing is tuned.",
            "Add a FineTune block, or leave Preferences out."),
    ]
}
