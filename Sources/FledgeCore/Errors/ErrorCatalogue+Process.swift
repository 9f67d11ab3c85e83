extension ErrorCatalogue {
    /// `process.…`
    static let process: [ErrorEntry] = [
        ErrorEntry(
            "process.device_missing", .needsPerson, .unavailable, http: 503,
            "A device of the machine is missing.",
            "Do what the message says as an administrator."),
        ErrorEntry(
            "process.failed", .transient, .unavailable,
            "A program that Fledge runs ended with a failure.",
            "Look at what it said."),
        ErrorEntry(
            "process.file_system", .transient, .unavailable,
            "A file or a folder can't be used.",
            "Check its permissions and the disk's space."),
        ErrorEntry(
            "process.file_too_large", .needsPerson, .unavailable, http: 503,
            "A file that a trainer or a converter made is larger than an honest one can be.",
            "Look at the file and at what made it."),
        ErrorEntry(
            "process.not_a_file", .needsPerson, .unavailable, http: 503,
            "Something else is there than a plain file.",
            "Look at what is there, and remove it."),
        ErrorEntry(
            "process.not_started", .transient, .unavailable,
            "A program could not be started.",
            "Check that it is installed and may be run."),
        ErrorEntry(
            "process.sandbox_failed", .transient, .unavailable,
            "No sandbox could be made, for a cause that may pass or isn't known.",
            "Nothing: it is tried again; look at the machine's memory and processes if it stays so."),
        ErrorEntry(
            "process.timed_out", .transient, .unavailable,
            "A program did not end in time.",
            "Try again; look at the machine's load if it stays so."),
        ErrorEntry(
            "process.too_much_output", .transient, .unavailable,
            "A program wrote more than is read.",
            "Look at what it does."),
    ]
}
