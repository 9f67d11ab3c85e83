extension ErrorCatalogue {
    /// `state.…`
    static let state: [ErrorEntry] = [
        ErrorEntry(
            "state.databases_unreadable", .needsPerson, .unavailable, http: 503,
            "Which databases have used the state folder can't be told, so no job and no adapter is taken away.",
            "Mend or restore the file that the message names."),
        ErrorEntry(
            "state.no_owners", .needsPerson, .configuration,
            "The file system of the state folder knows no owners, so that nothing can be closed to others in it.",
            "Move the state folder to another file system with FLEDGE_STATE_DIR."),
        ErrorEntry(
            "state.not_private", .needsPerson, .configuration, also: [.cannotWrite],
            "A folder of the daemon's is not its user's alone.",
            "Look who made it and remove it, or name another."),
        ErrorEntry(
            "state.not_prunable", .needsPerson, .cannotWrite, http: 507,
            "What is kept too long can't be removed.",
            "Check the folder's permissions."),
        ErrorEntry(
            "state.not_writable", .needsPerson, .cannotWrite, http: 507,
            "The state folder can't be used.",
            "Check its permissions, or choose another with FLEDGE_STATE_DIR."),
        ErrorEntry(
            "state.path_too_long", .needsPerson, .configuration,
            "The socket's path is too long.",
            "Name a shorter one."),
    ]
}
