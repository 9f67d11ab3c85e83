extension ErrorCatalogue {
    /// `migration.…`
    static let migration: [ErrorEntry] = [
        ErrorEntry(
            "migration.checksum_changed", .needsPerson, .configuration,
            "A migration was changed after it was applied.",
            "Use the build that applied it, and ask who changed the migrations."),
        ErrorEntry(
            "migration.database_newer", .needsPerson, .configuration,
            "A newer version has taken away what this build needs from the database.",
            "Update this build."),
        ErrorEntry(
            "migration.failed", .internal, .software, also: [.configuration],
            "The database refused a migration, which was rolled back.",
            "Look at fledge db status, and report it."),
        ErrorEntry(
            "migration.old_daemons", .needsPerson, .configuration,
            "Daemons run that need what a migration takes away.",
            "Update or stop them, and migrate again."),
        ErrorEntry(
            "migration.out_of_order", .needsPerson, .configuration,
            "A migration stands before one that is applied already.",
            "Use the build that applied the later one."),
    ]
}
