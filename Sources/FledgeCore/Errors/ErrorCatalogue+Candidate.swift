extension ErrorCatalogue {
    /// `candidate.…`
    static let candidate: [ErrorEntry] = [
        ErrorEntry(
            "candidate.unknown", .permanent, .usage, http: 404,
            "There is no such candidate.",
            "Look at the candidates with fledge experiments.")
    ]
}
