extension ErrorCatalogue {
    /// `report.…`
    static let report: [ErrorEntry] = [
        ErrorEntry(
            "report.bad_name", .permanent, .usage, http: 400,
            "A report's name can't be that of a file.",
            "Choose another name."),
        ErrorEntry(
            "report.bad_template", .internal, .software,
            "A template of the reports can't be read.",
            "Report it."),
        ErrorEntry(
            "report.cannot_write", .needsPerson, .cannotWrite, http: 507,
            "The report can't be written.",
            "Check that its folder exists, is writable and has space."),
        ErrorEntry(
            "report.not_encodable", .internal, .software,
            "The report can't be written as JSON.",
            "Report it."),
    ]
}
