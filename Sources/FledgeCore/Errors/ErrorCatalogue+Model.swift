extension ErrorCatalogue {
    /// `model.…`
    static let model: [ErrorEntry] = [
        ErrorEntry(
            "model.adapter_changed", .needsPerson, .badData, http: 422,
            "What lies in the adapters' folder is not what was put there.",
            "Remove it, then retry."),
        ErrorEntry(
            "model.adapter_folder", .needsPerson, .configuration,
            "Adapters can't be put into the folder that the server reads.",
            "Make the folder, and let the daemon write to it."),
        ErrorEntry(
            "model.adapter_loading_off", .needsPerson, .configuration,
            "The server loads no adapters while it runs.",
            "Start it with the option that the message names."),
        ErrorEntry(
            "model.adapter_missing", .needsPerson, .unavailable, http: 503,
            "A file of the adapter can't be read.",
            "Restore the artifact store, or train again."),
        ErrorEntry(
            "model.adapter_not_listed", .needsPerson, .configuration,
            "The server does not list the adapter that it was told to load.",
            "Check the base model and the server's options."),
        ErrorEntry(
            "model.adapter_not_seen", .needsPerson, .configuration,
            "The server does not find the adapter at the path.",
            "Mount the adapters' folder there, or say where the server sees it."),
        ErrorEntry(
            "model.adapter_rank", .needsPerson, .configuration,
            "The server takes no adapter of this rank or for these modules.",
            "Start it for adapters of this rank."),
        ErrorEntry(
            "model.adapter_refused", .needsPerson, .configuration,
            "The server does not load the adapter.",
            "Look at the server's log."),
        ErrorEntry(
            "model.adapter_slots", .needsPerson, .configuration,
            "The server has no place for one more adapter.",
            "Let it hold more adapters."),
        ErrorEntry(
            .modelAnswerTooLong, .permanent, .badData,
            "An answer has more bytes than maxTokens can have.",
            "Look why the server does not keep to maxTokens."),
        ErrorEntry(
            "model.bad_answer", .transient, .unavailable,
            "The server sent something else than a completion.",
            "Check that the address is the base of an OpenAI-compatible API."),
        ErrorEntry(
            .modelBadRequest, .needsPerson, .configuration,
            "The server does not accept the request.",
            "Check Decoding and the model's name in the definition."),
        ErrorEntry(
            .modelContextOverflow, .permanent, .badData,
            "The prompt is longer than the model's context.",
            "Use fewer demonstrations, shorter inputs, or a longer context."),
        ErrorEntry(
            "model.conversion_stopped", .transient, .tryAgain,
            "The conversion of a model for llama.cpp was cut off.",
            "Nothing: it is tried again."),
        ErrorEntry(
            "model.corrupt", .needsPerson, .unavailable, http: 503,
            "A packaged model's file is not the one that was released.",
            "Remove the server's environment, so that it is made anew."),
        ErrorEntry(
            .modelFiltered, .permanent, .badData,
            "The provider's content filter refused the question.",
            "Look at the inputs that it takes, or ask another model."),
        ErrorEntry(
            .modelKeyNotAllowed, .needsPerson, .configuration,
            "The key may not be used by this definition, or at this address.",
            "Allow it where the daemon runs."),
        ErrorEntry(
            "model.missing", .needsPerson, .unavailable, http: 503,
            "A packaged model's file is missing.",
            "Remove the server's environment, so that it is made anew."),
        ErrorEntry(
            .modelNoCredit, .needsPerson, .configuration,
            "The account at the provider has no credit left.",
            "Fill up the account or raise its limit, then retry."),
        ErrorEntry(
            "model.not_convertible", .needsPerson, .configuration,
            "The weights can't be made into a GGUF file.",
            "Name a GGUF file, or serve them with vLLM."),
        ErrorEntry(
            "model.not_trainable", .needsPerson, .configuration,
            "The model's weights can't be trained.",
            "Do what the message says, or tune another model."),
        ErrorEntry(
            .modelOverloaded, .transient, .tryAgain,
            "The model server failed.",
            "Nothing: it is tried again; look at the server if it stays so."),
        ErrorEntry(
            .modelRateLimited, .transient, .tryAgain,
            "The model server takes no more calls for now.",
            "Nothing: it is tried again; raise the account's limits if it stays so."),
        ErrorEntry(
            .modelRequestTooLarge, .needsPerson, .configuration,
            "The model server takes no request of this size.",
            "Raise the limit of the server or its proxy, or use fewer demonstrations."),
        ErrorEntry(
            .modelTemplate, .needsPerson, .configuration,
            "The model's chat template refuses the messages.",
            "Say it in the user's message, or use SystemRole(.inUser)."),
        ErrorEntry(
            .modelTimeout, .transient, .tryAgain,
            "The model server took too long.",
            "Nothing: it is tried again; use a faster server if it stays so."),
        ErrorEntry(
            .modelUnauthorized, .needsPerson, .configuration,
            "The model server refuses the key, or the key is not there.",
            "Set the key where the daemon runs, then retry."),
        ErrorEntry(
            .modelUnknown, .needsPerson, .configuration, also: [.unavailable], http: 404,
            "There is no such model.",
            "Look at what is served with fledge models, and mend the name."),
        ErrorEntry(
            .modelUnknownAdapter, .transient, .unavailable,
            "The server has not loaded the adapter.",
            "Check that it is in the store."),
        ErrorEntry(
            .modelUnreachable, .transient, .unavailable,
            "The model server can't be reached.",
            "Check that it runs and the address is right."),
        ErrorEntry(
            "model.weights_missing", .needsPerson, .configuration,
            "The model's weights can't be read.",
            "Copy them there, or name where they lie, and apply the definition."),
        ErrorEntry(
            "model.weights_unreadable", .needsPerson, .configuration,
            "The weights are there, and the daemon, or the user that a program runs as, can't read them.",
            "Give that user the right to read them, then retry."),
        ErrorEntry(
            .modelWrongAddress, .needsPerson, .configuration,
            "The model's address is wrong.",
            "Mend it in the definition."),
    ]
}

extension FledgeError.Code {
    package static let modelAnswerTooLong: Self = "model.answer_too_long"
    package static let modelBadRequest: Self = "model.bad_request"
    package static let modelContextOverflow: Self = "model.context_overflow"
    package static let modelFiltered: Self = "model.filtered"
    package static let modelKeyNotAllowed: Self = "model.key_not_allowed"
    package static let modelNoCredit: Self = "model.no_credit"
    package static let modelOverloaded: Self = "model.overloaded"
    package static let modelRateLimited: Self = "model.rate_limited"
    package static let modelRequestTooLarge: Self = "model.request_too_large"
    package static let modelTemplate: Self = "model.template"
    package static let modelTimeout: Self = "model.timeout"
    package static let modelUnauthorized: Self = "model.unauthorized"
    package static let modelUnknown: Self = "model.unknown"
    package static let modelUnknownAdapter: Self = "model.unknown_adapter"
    package static let modelUnreachable: Self = "model.unreachable"
    package static let modelWrongAddress: Self = "model.wrong_address"
}
