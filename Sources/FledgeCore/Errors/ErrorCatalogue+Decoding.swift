extension ErrorCatalogue {
    /// `decoding.…`
    static let decoding: [ErrorEntry] = [
        ErrorEntry(
            "decoding.bad_choices", .permanent, .badData,
            "The choices of Decoding are empty or not distinct.",
            "Mend the choices."),
        ErrorEntry(
            "decoding.bad_json_schema", .permanent, .badData,
            "The JSON schema of Decoding is not a JSON object.",
            "Write it as a raw string with an object."),
        ErrorEntry(
            "decoding.bad_max_tokens", .permanent, .badData,
            "maxTokens is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "decoding.bad_temperature", .permanent, .badData,
            "The temperature is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "decoding.bad_top_p", .permanent, .badData,
            "topP is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "decoding.label_too_long", .permanent, .success,
            "Some expected answers can't be said in maxTokens.",
            "Raise maxTokens."),
        ErrorEntry(
            "decoding.too_many_labels", .permanent, .badData,
            "The data has too many labels to choose from.",
            "Leave the choices out."),
        ErrorEntry(
            "decoding.two_constraints", .permanent, .badData,
            "An answer is held to choices and to a JSON schema at once.",
            "Keep one of them."),
    ]
}
