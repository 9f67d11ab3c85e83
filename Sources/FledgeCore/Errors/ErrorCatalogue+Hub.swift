extension ErrorCatalogue {
    /// `hub.…`
    static let hub: [ErrorEntry] = [
        ErrorEntry(
            "hub.bad_endpoint", .needsPerson, .configuration,
            "The address of the hub can't be read.",
            "Write it like https://HOST, without user or query."),
        ErrorEntry(
            "hub.bad_listing", .needsPerson, .unavailable, also: [.badData], http: 503,
            "The hub's list of files can't be used.",
            "Check the hub's address: a mirror may not know what is asked."),
        ErrorEntry(
            "hub.bad_range", .transient, .tryAgain,
            "The hub does not send the rest of a file.",
            "Try again."),
        ErrorEntry(
            "hub.bad_redirect", .needsPerson, .unavailable, http: 503,
            "The hub sends on to an address that is not followed.",
            "Check the proxy and the hub's address."),
        ErrorEntry(
            "hub.gated", .needsPerson, .configuration,
            "The model's terms have to be accepted first.",
            "Accept them at the model's page, and give a token."),
        ErrorEntry(
            "hub.no_access", .needsPerson, .configuration,
            "The hub has no such model, or keeps it from this account.",
            "Check the name, and give a token that may read it."),
        ErrorEntry(
            "hub.no_model", .permanent, .badData,
            "The repository is no model of its own.",
            "Fetch the base model that it names."),
        ErrorEntry(
            "hub.no_weights", .permanent, .badData,
            "The repository has no safetensors.",
            "Name another repository."),
        ErrorEntry(
            "hub.offline", .needsPerson, .configuration,
            "HF_HUB_OFFLINE forbids to ask the hub.",
            "Unset it for the command."),
        ErrorEntry(
            "hub.only_pickles", .permanent, .badData,
            "The repository has its weights only in files that run code when they are read.",
            "Look for a revision or a repository with safetensors."),
        ErrorEntry(
            "hub.refused", .needsPerson, .unavailable, http: 503,
            "The hub does not send a file.",
            "Look at the model's page."),
        ErrorEntry(
            "hub.unavailable", .transient, .tryAgain,
            "The hub takes no more requests for now.",
            "Try again later; a token allows more requests."),
        ErrorEntry(
            "hub.unknown_revision", .permanent, .configuration, http: 500,
            "The model has no such revision.",
            "Name a branch, a tag or a commit that it has."),
        ErrorEntry(
            "hub.unreachable", .needsPerson, .unavailable, also: [.tryAgain], http: 503,
            "The hub can't be reached, or its certificate or the proxy is wrong.",
            "Check the network, the certificates and the proxy."),
        ErrorEntry(
            "hub.wrong_content", .needsPerson, .badData, http: 422,
            "A file of the hub is not what the hub says.",
            "Fetch it again; if it stays so, ask whom the hub belongs to."),
    ]
}
