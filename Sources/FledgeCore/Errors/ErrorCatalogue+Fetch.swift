extension ErrorCatalogue {
    /// `fetch.…`
    static let fetch: [ErrorEntry] = [
        ErrorEntry(
            "fetch.bad_repository", .permanent, .usage, http: 400,
            "The name is not that of a repository.",
            "Write it as OWNER/NAME."),
        ErrorEntry(
            "fetch.bad_revision", .permanent, .usage, http: 400,
            "The revision is not the name of one.",
            "Write a branch, a tag or a commit."),
        ErrorEntry(
            "fetch.cannot_write", .needsPerson, .cannotWrite, http: 507,
            "The folder for the model can't be written.",
            "Free space there, or name another folder with --to."),
        ErrorEntry(
            "fetch.folder_taken", .needsPerson, .usage, http: 400,
            "Something else lies in the folder for the model.",
            "Name another folder with --to, or remove it."),
        ErrorEntry(
            "fetch.no_space", .needsPerson, .cannotWrite, http: 507,
            "The model does not fit on the disk.",
            "Free space there, or name another folder with --to."),
    ]
}
