extension ErrorCatalogue {
    /// `database.…`
    static let database: [ErrorEntry] = [
        ErrorEntry(
            "database.busy", .transient, .tryAgain,
            "The database has no free connection, or another writer was first.",
            "Nothing: it is tried again; allow more connections if it stays so."),
        ErrorEntry(
            "database.commit_unknown", .transient, .tryAgain,
            "Nobody can tell whether a change was stored.",
            "Look whether the change is there before you repeat it."),
        ErrorEntry(
            "database.configuration", .needsPerson, .configuration,
            "The database's address can't be read.",
            "Write it as postgresql://user@host:5432/database."),
        ErrorEntry(
            "database.directory_closed", .needsPerson, .configuration,
            "The user that PostgreSQL runs as can't enter the state folder.",
            "Choose a state folder that everybody may enter."),
        ErrorEntry(
            "database.directory_foreign", .needsPerson, .configuration,
            "The folder of the private PostgreSQL is not its user's.",
            "Remove it, or choose another state folder."),
        ErrorEntry(
            "database.directory_not_writable", .needsPerson, .cannotWrite, http: 507,
            "The folder of the private PostgreSQL can't be written.",
            "Check the free space and the permissions of the state folder."),
        ErrorEntry(
            "database.failed", .internal, .software,
            "The database refused a statement of Fledge's.",
            "Look at fledge doctor, and report it."),
        ErrorEntry(
            "database.init_failed", .needsPerson, .unavailable, also: [.cannotWrite], http: 503,
            "The private PostgreSQL could not be made.",
            "Check the free space and the permissions of the state folder."),
        ErrorEntry(
            "database.locked", .transient, .tryAgain,
            "Another process is starting the private PostgreSQL.",
            "Try again when it is done."),
        ErrorEntry(
            "database.login_refused", .needsPerson, .configuration,
            "The database refuses the user or the password.",
            "Mend them in FLEDGE_DATABASE_URL."),
        ErrorEntry(
            "database.missing", .needsPerson, .configuration,
            "There is no such database.",
            "Create it, or name another in FLEDGE_DATABASE_URL."),
        ErrorEntry(
            "database.no_answer", .transient, .unavailable,
            "The database does not answer in time.",
            "Look whether it runs, with fledge doctor."),
        ErrorEntry(
            "database.not_migrated", .needsPerson, .configuration,
            "The database lacks migrations, and the daemon may not apply them.",
            "Run fledge db migrate."),
        ErrorEntry(
            "database.not_owner", .needsPerson, .configuration,
            "The database's user may not change the tables.",
            "Name the role that owns them."),
        ErrorEntry(
            "database.not_writable", .needsPerson, .configuration,
            "The database's user may not write Fledge's tables, or nothing may be written.",
            "Let the user own the tables, and the server take writes."),
        ErrorEntry(
            "database.out_of_resources", .transient, .unavailable,
            "The database's machine has no space or memory left.",
            "Free disk space or memory there."),
        ErrorEntry(
            "database.path_too_long", .needsPerson, .configuration,
            "The socket of the private PostgreSQL has too long a path.",
            "Choose a shorter state folder."),
        ErrorEntry(
            "database.program_failed", .needsPerson, .unavailable, http: 503,
            "A program of PostgreSQL's could not be run.",
            "Check that its server programs are installed."),
        ErrorEntry(
            "database.programs_missing", .needsPerson, .unavailable, http: 503,
            "No PostgreSQL server programs were found.",
            "Install them, or name a database in FLEDGE_DATABASE_URL."),
        ErrorEntry(
            "database.schema_outdated", .needsPerson, .configuration,
            "The database lacks tables or columns that this build needs.",
            "Run fledge db migrate."),
        ErrorEntry(
            "database.start_failed", .needsPerson, .unavailable, http: 503,
            "The private PostgreSQL did not start.",
            "Look at its log."),
        ErrorEntry(
            "database.stop_failed", .transient, .tryAgain,
            "The private PostgreSQL did not stop.",
            "Look at its log."),
        ErrorEntry(
            "database.unreachable", .transient, .unavailable,
            "The database can't be reached.",
            "Check its address and that it runs, with fledge doctor."),
        ErrorEntry(
            .databaseUnreadableValue, .needsPerson, .software, also: [.tryAgain],
            "A stored value is one that this build can't read.",
            "Use the build that wrote it, or a newer one."),
        ErrorEntry(
            "database.version_missing", .needsPerson, .unavailable, http: 503,
            "The programs of the PostgreSQL version that made the private database are missing.",
            "Install that version again."),
    ]
}

extension FledgeError.Code {
    package static let databaseUnreadableValue: Self = "database.unreadable_value"
}
