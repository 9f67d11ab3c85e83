extension ErrorCatalogue {
    /// `daemon.…`
    static let daemon: [ErrorEntry] = [
        ErrorEntry(
            "daemon.already_running", .needsPerson, .unavailable, http: 503,
            "Another daemon listens on the socket.",
            "Stop that one first, or choose another socket."),
        ErrorEntry(
            "daemon.bad_address", .permanent, .configuration, http: 500,
            "The daemon's address can't be read.",
            "Write it like http://HOST:PORT."),
        ErrorEntry(
            "daemon.cannot_listen", .needsPerson, .cannotWrite, http: 507,
            "The folder of the daemon's socket can't be used.",
            "Choose a folder that the daemon may write to."),
        ErrorEntry(
            "daemon.cannot_stop", .needsPerson, .configuration,
            "The daemon's process can't be stopped by this user.",
            "Stop it as the user that started it."),
        ErrorEntry(
            "daemon.connection_lost", .transient, .tryAgain,
            "The daemon broke the connection.",
            "Look at fledge daemon status, then try again."),
        ErrorEntry(
            "daemon.foreign_socket", .needsPerson, .configuration,
            "The socket is another user's, in a folder that others may write to.",
            "Put the socket where nobody else may write."),
        ErrorEntry(
            "daemon.internal", .internal, .software,
            "The daemon failed to answer.",
            "Look at the daemon's log, and report it."),
        ErrorEntry(
            "daemon.not_permitted", .needsPerson, .configuration,
            "This user may not connect to the daemon's socket.",
            "Run the command as the daemon's user, or ask for a token."),
        ErrorEntry(
            .daemonNotRunning, .transient, .unavailable,
            "The daemon is not running.",
            "Start it with fledge daemon start."),
        ErrorEntry(
            "daemon.outdated", .needsPerson, .unavailable, http: 503,
            "The daemon is of an earlier version that can't do what is asked.",
            "Update fledged to the version of fledge."),
        ErrorEntry(
            "daemon.program_missing", .needsPerson, .configuration,
            "The daemon's program is not there, or can't be started.",
            "Install fledged beside fledge."),
        ErrorEntry(
            .daemonRunning, .needsPerson, .unavailable, http: 503,
            "Another daemon uses this folder.",
            "Stop that one first, or choose another folder."),
        ErrorEntry(
            "daemon.socket_path_taken", .needsPerson, .configuration,
            "Something that is no socket lies at the socket's path.",
            "Move it away, or choose another path."),
        ErrorEntry(
            "daemon.start_failed", .needsPerson, .software,
            also: [.usage, .badData, .unavailable, .cannotWrite, .tryAgain, .configuration],
            "The daemon ended while it started.",
            "Look at its log, and at fledge doctor."),
        ErrorEntry(
            "daemon.start_slow", .transient, .tryAgain,
            "The daemon is not ready yet.",
            "Look at its log, then at fledge daemon status."),
        ErrorEntry(
            "daemon.stop_slow", .transient, .tryAgain,
            "The daemon has not stopped yet.",
            "Wait a little longer."),
        ErrorEntry(
            "daemon.stopping", .transient, .tryAgain,
            "The daemon is stopping.",
            "Try again once it runs again."),
        ErrorEntry(
            "daemon.timeout", .transient, .tryAgain,
            "The daemon did not answer in time.",
            "Look at fledge daemon status, then try again."),
        ErrorEntry(
            "daemon.unauthorized", .needsPerson, .configuration,
            "The daemon wants a token, or does not take the one that was given.",
            "Name a token that is in use."),
        ErrorEntry(
            "daemon.unexpected_answer", .internal, .software,
            "The daemon's answer can't be read.",
            "Check that fledge and fledged are of the same version."),
        ErrorEntry(
            "daemon.unreachable", .transient, .unavailable, also: [.tryAgain],
            "No daemon answers at the address.",
            "Check the address, and that the daemon runs."),
    ]
}

extension FledgeError.Code {
    package static let daemonNotRunning: Self = "daemon.not_running"
    package static let daemonRunning: Self = "daemon.running"
}
