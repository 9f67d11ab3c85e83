extension ErrorCatalogue {
    /// `artifacts.…`
    static let artifacts: [ErrorEntry] = [
        ErrorEntry(
            "artifacts.not_writable", .needsPerson, .cannotWrite, http: 507,
            "An adapter can't be stored.",
            "Check the disk's space and the folder's permissions, then retry.")
    ]
}
