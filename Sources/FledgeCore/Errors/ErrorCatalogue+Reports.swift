extension ErrorCatalogue {
    /// `reports.…`
    static let reports: [ErrorEntry] = [
        ErrorEntry(
            "reports.bad_day", .permanent, .badData,
            "The day of a report is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "reports.bad_time", .permanent, .badData,
            "The time of a report is not a time of day.",
            "Write HH:MM."),
        ErrorEntry(
            "reports.no_format", .permanent, .badData,
            "A report has no format.",
            "Name one, such as .html."),
        ErrorEntry(
            "reports.no_zone", .permanent, .badData,
            "A report has no time zone.",
            "Name one, such as Europe/Berlin."),
        ErrorEntry(
            "reports.unknown_zone", .permanent, .badData,
            "The time zone of a report is not known.",
            "Write an IANA name, such as Europe/Berlin."),
    ]
}
