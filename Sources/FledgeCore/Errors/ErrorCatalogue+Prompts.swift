extension ErrorCatalogue {
    /// `prompts.…`
    static let prompts: [ErrorEntry] = [
        ErrorEntry(
            "prompts.bad_demonstrations", .permanent, .badData,
            "The number of demonstrations is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "prompts.bad_name", .permanent, .badData,
            "A prompt has a name that is none.",
            "Write a text without a slash."),
        ErrorEntry(
            "prompts.duplicate", .permanent, .badData,
            "A prompt is given twice.",
            "Rename one of them."),
        ErrorEntry(
            "prompts.no_variable", .permanent, .badData,
            "A prompt is the same for every example.",
            "Put an input into it."),
        ErrorEntry(
            "prompts.none", .permanent, .badData,
            "There is no prompt to try.",
            "Add a Prompt."),
        ErrorEntry(
            "prompts.too_many_demonstrations", .permanent, .badData,
            "More demonstrations are asked for than may be shown.",
            "Show fewer, or make the prototype split larger."),
        ErrorEntry(
            "prompts.unknown_variable", .permanent, .badData,
            "A prompt asks for a field that is no input.",
            "Declare the input, or mend its name."),
    ]
}
