extension ErrorCatalogue {
    /// `data.…`
    static let data: [ErrorEntry] = [
        ErrorEntry(
            "data.bad_row", .permanent, .badData,
            "A row of the data can't be taken.",
            "Mend the row."),
        ErrorEntry(
            "data.bad_rows", .permanent, .badData,
            "More rows of the data have problems than are shown.",
            "Mend the rows that are shown first."),
        ErrorEntry(
            "data.changed", .needsPerson, .badData, http: 422,
            "The data file was changed while it was read.",
            "Try again when nothing writes to it."),
        ErrorEntry(
            "data.conflicts", .permanent, .success,
            "Equal inputs have different answers.",
            "Mend the rows: a metric can count only one answer as right."),
        ErrorEntry(
            "data.empty", .permanent, .badData,
            "The data file has no rows.",
            "Add labelled rows."),
        ErrorEntry(
            "data.exact_duplicate", .permanent, .badData,
            "A row is in one split and repeated in another.",
            "Mend the rows, or say what to do with them by LeakPolicy."),
        ErrorEntry(
            "data.label_forms", .permanent, .badData,
            "A label is written in two Unicode forms.",
            "Write the file in one form, NFC mostly."),
        ErrorEntry(
            "data.labels_alike", .permanent, .success,
            "Labels differ in case, spacing or punctuation alone.",
            "Write them alike where they mean the same."),
        ErrorEntry(
            "data.leak_scan_incomplete", .permanent, .success,
            "Too many rows are nearly the same to compare all of them.",
            "Keep rows that belong together with Group(by:)."),
        ErrorEntry(
            "data.leaks", .permanent, .badData,
            "Rows of one split are known to another.",
            "Mend the rows, or say what to do with them by LeakPolicy."),
        ErrorEntry(
            "data.leaks_settled", .permanent, .success,
            "Rows that were known to another split were moved or dropped, as the definition says.",
            "Nothing."),
        ErrorEntry(
            "data.missing", .needsPerson, .badData, http: 422,
            "There is no data file at the path.",
            "Put the file there, or mend the path in Dataset."),
        ErrorEntry(
            "data.near_duplicate", .permanent, .badData,
            "A row is in one split and nearly the same in another.",
            "Mend the rows, or say what to do with them by LeakPolicy."),
        ErrorEntry(
            "data.not_allowed", .permanent, .badData,
            "The data file lies in a folder of the daemon's or of the kernel's.",
            "Copy it to a folder of your own, and name it there."),
        ErrorEntry(
            "data.not_sent", .permanent, .badData,
            "The data file of a definition did not come with the request.",
            "Update fledge to the version of the daemon: it sends the file."),
        ErrorEntry(
            "data.not_utf8", .needsPerson, .badData, http: 422,
            "The data file is not UTF-8.",
            "Convert the file."),
        ErrorEntry(
            "data.numbers_as_written", .permanent, .success,
            "Numbers of the data are taken as they are written.",
            "Nothing, where that is meant."),
        ErrorEntry(
            "data.one_label", .permanent, .success,
            "All rows have the same expected answer.",
            "Add rows with other answers, or name another field."),
        ErrorEntry(
            "data.personal", .permanent, .success,
            "The training split holds personal data.",
            "Mask it, or say what to do with it by the policy on personal data."),
        ErrorEntry(
            "data.repeated_rows", .permanent, .success,
            "Rows repeat the inputs of others.",
            "Nothing: they are kept in one split."),
        ErrorEntry(
            "data.same_group", .permanent, .badData,
            "Rows of one group are in two splits.",
            "Mend the rows, or say what to do with them by LeakPolicy."),
        ErrorEntry(
            "data.text_in_prompt", .permanent, .badData,
            "Words of a row stand in a prompt.",
            "Take them out of the prompt."),
        ErrorEntry(
            "data.too_few", .needsPerson, .badData, http: 422,
            "The data has too few rows for the splits.",
            "Add examples, or ask for smaller splits."),
        ErrorEntry(
            "data.too_large", .needsPerson, .badData, http: 422,
            "The data file is too large.",
            "Sample it down: a few thousand rows are plenty."),
        ErrorEntry(
            "data.unknown_format", .permanent, .badData,
            "The data file is neither CSV, TSV nor JSON Lines.",
            "Name a file of one of these forms."),
        ErrorEntry(
            "data.unreadable", .needsPerson, .badData, http: 422,
            "The data file can't be read.",
            "Check what lies there, and its permissions."),
    ]
}
