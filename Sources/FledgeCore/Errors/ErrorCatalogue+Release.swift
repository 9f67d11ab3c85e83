extension ErrorCatalogue {
    /// `release.…`
    static let release: [ErrorEntry] = [
        ErrorEntry(
            "release.bad_archive", .permanent, .badData,
            "The release that the daemon sends can't be read.",
            "Check that fledge and fledged are of the same version."),
        ErrorEntry(
            "release.cycle_ended", .transient, .tryAgain,
            "The cycle of the release has ended.",
            "Look where it stands with fledge status."),
        ErrorEntry(
            "release.export_exists", .needsPerson, .cannotWrite, http: 507,
            "There is something where the release is to be written.",
            "Name a new folder."),
        ErrorEntry(
            "release.export_failed", .needsPerson, .cannotWrite, http: 507,
            "The release can't be read or written.",
            "Check the folder's permissions, the disk's space and the daemon's log."),
        ErrorEntry(
            "release.export_outdated", .permanent, .usage, http: 400,
            "This fledge is older than the daemon and asks for what it does no more.",
            "Update fledge."),
        ErrorEntry(
            "release.no_passed_gate", .internal, .software,
            "The candidate that is to be released has not passed its gate.",
            "Report it, with the daemon's log."),
        ErrorEntry(
            "release.unknown", .permanent, .usage, http: 404,
            "There is no such release.",
            "Look at the releases with fledge release list."),
    ]
}
