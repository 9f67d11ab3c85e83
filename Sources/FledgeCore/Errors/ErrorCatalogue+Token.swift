extension ErrorCatalogue {
    /// `token.…`
    static let token: [ErrorEntry] = [
        ErrorEntry(
            "token.bad_expiry", .permanent, .usage, http: 400,
            "The token's life is too short or too long.",
            "Write one from a second to ten years."),
        ErrorEntry(
            "token.bad_name", .permanent, .usage, http: 400,
            "The name is none for a token.",
            "Name the person or the service."),
        ErrorEntry(
            "token.bad_reference", .needsPerson, .configuration,
            "A token is not given as a reference.",
            "Write env:NAME or file:PATH."),
        ErrorEntry(
            "token.exists.conflict", .permanent, .usage, http: 409,
            "There is a token of that name already.",
            "Revoke it, or choose another name."),
        ErrorEntry(
            "token.expired", .permanent, .usage, http: 400,
            "The token would have expired already.",
            "Let it last longer."),
        ErrorEntry(
            "token.missing", .needsPerson, .configuration,
            "The token that a reference names is not there or empty.",
            "Set the variable or write the file."),
        ErrorEntry(
            "token.no_scope", .permanent, .usage, http: 400,
            "A token without scopes is asked for.",
            "Name the scopes with --scope."),
        ErrorEntry(
            "token.unknown", .permanent, .usage, http: 404,
            "There is no such token in use.",
            "Look at the tokens with fledge token list."),
        ErrorEntry(
            "token.weak", .needsPerson, .configuration,
            "The daemon's token can be guessed.",
            "Make one with openssl rand -hex 32."),
    ]
}
