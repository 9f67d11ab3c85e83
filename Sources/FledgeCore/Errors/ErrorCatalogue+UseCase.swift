extension ErrorCatalogue {
    /// `use_case.…`
    static let useCase: [ErrorEntry] = [
        ErrorEntry(
            "use_case.no_cycle", .permanent, .usage, http: 400,
            "The use case has no cycle yet.",
            "Apply its definition."),
        ErrorEntry(
            "use_case.no_revision", .permanent, .usage, http: 400,
            "The use case has no definition.",
            "Apply one."),
        ErrorEntry(
            .useCaseUnknown, .permanent, .usage, http: 404,
            "There is no such use case.",
            "Look at the use cases with fledge status."),
    ]
}

extension FledgeError.Code {
    package static let useCaseUnknown: Self = "use_case.unknown"
}
