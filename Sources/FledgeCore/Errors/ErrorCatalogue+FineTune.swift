extension ErrorCatalogue {
    /// `fine_tune.…`
    static let fineTune: [ErrorEntry] = [
        ErrorEntry(
            "fine_tune.bad_adapter_prompts", .permanent, .badData,
            "The number of the adapter's prompts is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "fine_tune.bad_examples", .permanent, .badData,
            "The number of training examples is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "fine_tune.bad_limit", .permanent, .badData,
            "The time limit of a training is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "fine_tune.no_local_model", .permanent, .success,
            "None of the models can be tuned.",
            "Name a model whose weights are at hand."),
        ErrorEntry(
            "fine_tune.not_tunable", .permanent, .badData,
            "The model that is to be tuned can't be.",
            "Do what the message says, or name another model."),
        ErrorEntry(
            "fine_tune.out_of_range", .permanent, .badData,
            "A number of LoRA is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "fine_tune.unknown_model", .permanent, .badData,
            "The model that is to be tuned is not one of the definition's.",
            "Name a model of the Models block."),
        ErrorEntry(
            "fine_tune.unknown_teacher", .permanent, .badData,
            "The teacher is not one of the definition's models.",
            "Name a model of the Models block."),
        ErrorEntry(
            "fine_tune.untried_teacher", .permanent, .badData,
            "The teacher is a model that no prompt is tried on.",
            "Leave tried: false out."),
        ErrorEntry(
            "fine_tune.unused_beta", .permanent, .success,
            "A beta for preferences is given, and there are none.",
            "Add Preferences, or leave beta out."),
    ]
}
