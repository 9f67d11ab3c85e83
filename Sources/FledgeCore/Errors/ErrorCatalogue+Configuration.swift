extension ErrorCatalogue {
    /// `configuration.…`
    static let configuration: [ErrorEntry] = [
        ErrorEntry(
            "configuration.bad_file", .needsPerson, .configuration,
            "The file of settings can't be read.",
            "Mend the file, or name another."),
        ErrorEntry(
            "configuration.bad_value", .needsPerson, .configuration,
            "A setting has a value that can't be read.",
            "Write it in the form that fledged --help shows."),
        ErrorEntry(
            "configuration.insecure_listen", .needsPerson, .configuration,
            "The daemon would speak plain HTTP where others can listen.",
            "Put TLS in front of it, or say that the network is yours."),
        ErrorEntry(
            "configuration.token_missing", .needsPerson, .configuration,
            "The daemon is to listen on TCP, and no token is given.",
            "Name a token in the settings."),
        ErrorEntry(
            "configuration.unknown_option", .permanent, .usage, http: 400,
            "The daemon has no such option.",
            "Look at the options with fledged --help."),
    ]
}
