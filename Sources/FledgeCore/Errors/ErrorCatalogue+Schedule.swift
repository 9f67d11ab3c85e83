extension ErrorCatalogue {
    /// `schedule.…`
    static let schedule: [ErrorEntry] = [
        ErrorEntry(
            "schedule.bad_day", .permanent, .badData,
            "The day of a schedule is not a day of the month.",
            "Write 1 to 31."),
        ErrorEntry(
            "schedule.bad_time", .permanent, .badData,
            "The time of a schedule is not a time of day.",
            "Write hours and minutes."),
        ErrorEntry(
            "schedule.no_slot", .permanent, .badData,
            "The schedule has no more slots.",
            "Mend the schedule."),
        ErrorEntry(
            "schedule.unknown_zone", .permanent, .badData,
            "The time zone of a schedule is not known.",
            "Write an IANA name, such as Europe/Berlin."),
    ]
}
