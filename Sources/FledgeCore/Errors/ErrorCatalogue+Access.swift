extension ErrorCatalogue {
    /// `access.…`
    static let access: [ErrorEntry] = [
        ErrorEntry(
            "access.foreign_host", .needsPerson, .configuration, http: 403,
            "The request names a host that is none of the daemon's.",
            "Name the host in the daemon's settings."),
        ErrorEntry(
            "access.foreign_origin", .permanent, .configuration, http: 403,
            "The request comes from a web page of another site.",
            "Ask with fledge, or with a program that sends no Origin."),
        ErrorEntry(
            "access.other_actor", .permanent, .configuration, http: 403,
            "The request says that somebody else acts than the one who asks.",
            "Leave the actor empty: the daemon knows who asks."),
        ErrorEntry(
            .accessOutOfReach, .needsPerson, .configuration, http: 403,
            "The caller may not reach this use case.",
            "Ask its owner, or whoever gives out tokens."),
        ErrorEntry(
            "access.own_revision", .needsPerson, .configuration, http: 403,
            "Whoever applied a definition may not approve its release.",
            "Let somebody else approve it."),
        ErrorEntry(
            "access.scope_missing", .needsPerson, .configuration, http: 403,
            "The token lacks the scope that the request needs.",
            "Make a token with that scope where the daemon runs."),
        ErrorEntry(
            "access.socket_only", .permanent, .configuration, http: 403,
            "Tokens are made, listed and revoked over the daemon's socket alone.",
            "Run fledge token where the daemon runs, as its user."),
    ]
}

extension FledgeError.Code {
    package static let accessOutOfReach: Self = "access.out_of_reach"
}
