extension ErrorCatalogue {
    /// `executor.…`
    static let executor: [ErrorEntry] = [
        ErrorEntry(
            .executorCannotLookUp, .needsPerson, .software,
            "An executor can't tell whether it has a job.",
            "Look there, and settle the job with fledge jobs settle."),
        ErrorEntry(
            .executorFull, .transient, .tryAgain,
            "All places of an executor are taken.",
            "Nothing: it is tried again."),
    ]
}

extension FledgeError.Code {
    package static let executorCannotLookUp: Self = "executor.cannot_look_up"
    package static let executorFull: Self = "executor.full"
}
