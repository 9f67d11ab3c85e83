extension ErrorCatalogue {
    /// `adapter.…`
    static let adapter: [ErrorEntry] = [
        ErrorEntry(
            "adapter.bad_config", .needsPerson, .badData, http: 422,
            "The adapter's configuration is not that of a LoRA adapter of Fledge.",
            "Train again."),
        ErrorEntry(
            "adapter.bad_gguf", .needsPerson, .badData, http: 422,
            "The adapter's GGUF file is none.",
            "Train again."),
        ErrorEntry(
            "adapter.bad_safetensors", .needsPerson, .badData, http: 422,
            "The adapter's weights are not sound.",
            "Train again."),
        ErrorEntry(
            "adapter.base_disturbed", .needsPerson, .badData, http: 422,
            "Calls of the adapter change what the server answers for its base model.",
            "Look at the server and its version, then retry: nothing is trained anew."),
        ErrorEntry(
            "adapter.corrupted", .needsPerson, .badData, http: 422,
            "A stored adapter is not what was stored.",
            "Restore the artifact store from a backup, or roll back to another release."),
        ErrorEntry(
            "adapter.empty", .needsPerson, .badData, http: 422,
            "The adapter has no tensors.",
            "Train again."),
        ErrorEntry(
            "adapter.golden_mismatch", .needsPerson, .badData, http: 422,
            "The served adapter does not answer the golden prompts as the trainer did.",
            "Look at both answers, mend the server, then retry: nothing is trained anew."),
        ErrorEntry(
            "adapter.incomplete", .needsPerson, .badData, http: 422,
            "A file of the adapter is missing.",
            "Train again."),
        ErrorEntry(
            "adapter.missing", .needsPerson, .badData, http: 422,
            "The adapter is not in the store.",
            "Restore the artifact store from a backup, or roll back to another release."),
        ErrorEntry(
            "adapter.no_effect", .needsPerson, .badData, http: 422,
            "The adapter changes none of the answers.",
            "Look at what the training did, and at whether the server uses the adapter."),
        ErrorEntry(
            "adapter.not_finite", .needsPerson, .badData, http: 422,
            "The adapter holds values that are not finite.",
            "Train again with a lower learning rate."),
        ErrorEntry(
            "adapter.unexpected_file", .needsPerson, .badData, http: 422,
            "The adapter's folder holds a file that has no place there.",
            "Look who put it there, then train again."),
        ErrorEntry(
            "adapter.unexpected_tensor", .needsPerson, .badData, http: 422,
            "The adapter holds a tensor that is no part of a LoRA on the named modules.",
            "Train again."),
        ErrorEntry(
            .adapterUnreadable, .needsPerson, .badData, http: 422,
            "A file of the adapter can't be read.",
            "Check its permissions, or train again."),
        ErrorEntry(
            "adapter.wrong_base", .needsPerson, .badData, http: 422,
            "The adapter was trained on other base weights.",
            "Train again on the weights that the definition names."),
        ErrorEntry(
            "adapter.wrong_rank", .needsPerson, .badData, http: 422,
            "The adapter has another rank or alpha than was asked for.",
            "Train again."),
        ErrorEntry(
            "adapter.wrong_shape", .needsPerson, .badData, http: 422,
            "A tensor of the adapter has a shape that does not fit its rank.",
            "Train again."),
    ]
}

extension FledgeError.Code {
    package static let adapterUnreadable: Self = "adapter.unreadable"
}
