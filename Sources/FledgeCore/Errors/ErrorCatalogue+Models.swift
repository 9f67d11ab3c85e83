extension ErrorCatalogue {
    /// `models.…`
    static let models: [ErrorEntry] = [
        ErrorEntry(
            "models.bad_at_once", .permanent, .badData,
            "atOnce is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "models.bad_key", .permanent, .badData,
            "The key is not the name of an environment variable.",
            "Name the variable that holds it with .env."),
        ErrorEntry(
            "models.bad_layers", .permanent, .badData,
            "gpuLayers is out of its range.",
            "Write .all, or a number of layers."),
        ErrorEntry(
            "models.bad_price", .permanent, .badData,
            "A model's price is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "models.bad_url", .permanent, .badData,
            "A model's address can't be read.",
            "Mend it as the message says."),
        ErrorEntry(
            "models.bad_weights", .permanent, .badData,
            "The weights that a model names can't be used.",
            "Do what the message says."),
        ErrorEntry(
            "models.bare_url", .permanent, .success,
            "A model's address has no path.",
            "Write the base of the API, usually ending in /v1."),
        ErrorEntry(
            "models.duplicate", .permanent, .badData,
            "A model is named twice.",
            "Keep one of them."),
        ErrorEntry(
            "models.key_in_clear", .permanent, .success,
            "A key goes over plain HTTP.",
            "Use the server's https address."),
        ErrorEntry(
            "models.key_not_allowed", .permanent, .badData,
            "A key may not be used by this definition, or at this address.",
            "Allow it where the daemon runs."),
        ErrorEntry(
            "models.local_at_once", .permanent, .success,
            "atOnce says nothing about a local model.",
            "Leave it out."),
        ErrorEntry(
            "models.none", .permanent, .badData,
            "No model is named.",
            "Add a Models block."),
        ErrorEntry(
            "models.none_tried", .permanent, .badData,
            "No model is tried.",
            "Leave tried: false out for the models that are to answer."),
        ErrorEntry(
            "models.relative_path", .permanent, .badData,
            "A path is not absolute.",
            "Write it from / on."),
        ErrorEntry(
            "models.two_weights", .permanent, .badData,
            "A model's weights are named twice.",
            "Name them once."),
        ErrorEntry(
            "models.unknown_local", .permanent, .badData,
            "No packaged model has the name.",
            "Name one that is packaged, or weights of yours."),
    ]
}
