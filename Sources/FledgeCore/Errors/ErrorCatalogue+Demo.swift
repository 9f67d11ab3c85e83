extension ErrorCatalogue {
    /// `demo.…`
    static let demo: [ErrorEntry] = [
        ErrorEntry(
            "demo.no_definitions", .permanent, .usage, http: 400,
            "The demo finds no definition.",
            "Run it in Fledge's repository, or name files.")
    ]
}
