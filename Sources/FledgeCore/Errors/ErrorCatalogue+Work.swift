extension ErrorCatalogue {
    /// `work.…`
    static let work: [ErrorEntry] = [
        ErrorEntry(
            "work.exhausted", .needsPerson, .software,
            "All attempts of a piece of work ended without a word.",
            "Look into the daemon's log for what kills it, then retry."),
        ErrorEntry(
            "work.failed", .transient, .tryAgain,
            "A piece of work failed in a way that nobody expected.",
            "Look at the daemon's log if it stays so."),
        ErrorEntry(
            .workLost, .transient, .tryAgain,
            "The piece of work was taken over or cancelled.",
            "Nothing: whoever took it over ends it."),
        ErrorEntry(
            "work.not_dead", .permanent, .usage, http: 400,
            "The piece of work is not dead, so it can't be retried.",
            "Look at dead work with fledge work --state dead."),
        ErrorEntry(
            "work.obsolete", .permanent, .usage, http: 400,
            "The use case has gone on without the piece of work.",
            "Look where it stands with fledge status."),
        ErrorEntry(
            "work.quarantined", .needsPerson, .badData, http: 422,
            "Daemons have ended while they worked on it, and it is not tried again.",
            "Look into the daemon's log for what kills it, then retry."),
        ErrorEntry(
            "work.unknown", .permanent, .usage, http: 404,
            "There is no such piece of work.",
            "Look at the work with fledge work."),
        ErrorEntry(
            "work.unknown_kind", .internal, .software,
            "No part of this build does this kind of work.",
            "Update the daemon, or report it."),
        ErrorEntry(
            "work.unknown_state", .permanent, .usage, http: 400,
            "The state is none of open work's.",
            "Write one that the message names."),
    ]
}

extension FledgeError.Code {
    package static let workLost: Self = "work.lost"
}
