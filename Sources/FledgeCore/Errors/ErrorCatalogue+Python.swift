extension ErrorCatalogue {
    /// `python.…`
    static let python: [ErrorEntry] = [
        ErrorEntry(
            "python.install_failed", .transient, .unavailable,
            "Packages of Python could not be installed.",
            "Check the network and the disk's space."),
        ErrorEntry(
            "python.missing", .needsPerson, .unavailable, http: 503,
            "There is no Python that Fledge can use.",
            "Install the version that the message names."),
        ErrorEntry(
            "python.venv_missing", .needsPerson, .unavailable, http: 503,
            "The Python that there is can't make virtual environments.",
            "Install its venv module."),
    ]
}
