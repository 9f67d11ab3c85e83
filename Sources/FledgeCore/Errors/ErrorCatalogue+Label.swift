extension ErrorCatalogue {
    /// `label.…`
    static let label: [ErrorEntry] = [
        ErrorEntry(
            "label.bad_row", .needsPerson, .badData, http: 422,
            "A row of the sheet can't be taken.",
            "Mend the row, and try again."),
        ErrorEntry(
            "label.cannot_write", .needsPerson, .cannotWrite, http: 507,
            "The sheet can't be written.",
            "Check the folder's permissions."),
        ErrorEntry(
            "label.file_exists", .needsPerson, .cannotWrite, http: 507,
            "There is a file where the sheet is to be written.",
            "Choose another name, or remove it."),
        ErrorEntry(
            "label.no_answers", .transient, .tryAgain,
            "There are no answers to label yet.",
            "Wait for the first round of prompts."),
        ErrorEntry(
            "label.no_judge", .permanent, .usage, http: 400,
            "The use case has no judged criterion.",
            "Add Judged to its Advance or Require block."),
        ErrorEntry(
            "label.no_labels", .needsPerson, .badData, http: 422,
            "No row of the sheet has a label.",
            "Write pass, fail or skip into label."),
        ErrorEntry(
            "label.nobody", .permanent, .usage, http: 400,
            "A label was given by nobody.",
            "Say who gives it."),
        ErrorEntry(
            "label.unknown_answer", .permanent, .badData,
            "A label is for an answer that there isn't.",
            "Write a fresh sheet."),
        ErrorEntry(
            "label.unknown_format", .permanent, .usage, http: 400,
            "The sheet is neither CSV nor JSON Lines.",
            "Let its name end in .csv or .jsonl."),
        ErrorEntry(
            "label.unknown_metric", .permanent, .usage, http: 400,
            "The use case has no such judged criterion.",
            "Name one that it has."),
        ErrorEntry(
            "label.which_judge", .permanent, .usage, http: 400,
            "The use case has several judged criteria.",
            "Choose one with --metric."),
    ]
}
