extension ErrorCatalogue {
    /// `cycle.…`
    static let cycle: [ErrorEntry] = [
        ErrorEntry(
            .cycleConflict, .transient, .tryAgain, http: 409,
            "The cycle has moved on since it was read.",
            "Look again, then repeat the command."),
        ErrorEntry(
            .cycleRejectedEvent, .permanent, .usage, http: 400,
            "What was asked for is not possible where the cycle stands.",
            "Look where it stands with fledge status."),
        ErrorEntry(
            "cycle.unknown", .permanent, .usage, http: 404,
            "There is no such cycle.",
            "Look at the use case with fledge status."),
    ]
}

extension FledgeError.Code {
    package static let cycleConflict: Self = "cycle.conflict"
    package static let cycleRejectedEvent: Self = "cycle.rejected_event"
}
