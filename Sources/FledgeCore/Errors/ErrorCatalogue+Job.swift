extension ErrorCatalogue {
    /// `job.…`
    static let job: [ErrorEntry] = [
        ErrorEntry(
            "job.no_golden_check", .permanent, .usage, http: 400,
            "No adapter of the job has been compared.",
            "Look at the jobs with fledge jobs."),
        ErrorEntry(
            "job.not_unknown", .permanent, .usage, http: 400,
            "The job's state is known, so nothing is to be settled.",
            "Nothing."),
        ErrorEntry(
            "job.unknown", .permanent, .usage, http: 404,
            "There is no such training job.",
            "Look at the jobs with fledge jobs."),
    ]
}
