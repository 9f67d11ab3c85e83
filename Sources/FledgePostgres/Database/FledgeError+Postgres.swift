import FledgeCore
import PostgresClient

extension FledgeError {
    /// What a person is told about a failure of the database; never a parameter's value or a row.
    package init(_ error: PostgresError) {
        let state = error.sqlState ?? ""
        switch (error.code, state) {
        case (_, _) where state.hasPrefix("28"):
            self.init(
                "database.login_refused", error.message,
                hint: "check user and password in FLEDGE_DATABASE_URL, or libpq's own PG… variables")
        case (_, "3D000"):
            self.init(
                "database.missing", error.message, hint: "create it (createdb), or name another in FLEDGE_DATABASE_URL")
        case (.configuration, _):
            self.init(
                "database.configuration", error.message, place: DatabaseLocation.variable,
                hint: "write it as postgresql://user@host:5432/database")
        case (.commitUnknown, _):
            self.init(
                "database.commit_unknown", error.message, hint: "look whether the change is there before you repeat it")
        case (.connection, _), (.shutdown, _),
            (_, _) where state.hasPrefix("57P"):
            self.init(
                "database.unreachable", error.message,
                hint: "fledge doctor says which database is meant and whether it answers")
        case (.acquireTimeout, _), (_, "53300"):
            self.init(
                "database.busy", error.message, hint: "try again, or allow more connections")
        case (_, _) where error.isUndone || error.code == .cancelled || error.isUniqueViolation:
            self.init(
                "database.busy", error.message, hint: "another writer was there first: try again")
        case (_, _) where state.hasPrefix("53"):
            self.init(
                "database.out_of_resources", error.message, hint: "free disk space or memory on the database's machine")
        case (_, "42P01"), (_, "42703"):
            self.init(
                "database.schema_outdated", error.message, hint: "fledge db migrate brings the schema up to date")
        case (_, "42501"), (_, "25006"):
            self.init(
                "database.not_writable", error.message, hint: "the database's user has to own Fledge's tables")
        default:
            self.init("database.failed", error.description, hint: "fledge doctor checks the database")
        }
    }
}

extension PostgresError {
    /// Whether the server undid everything only because of a competitor, so that the same again may succeed.
    var isUndone: Bool { ["40001", "40P01", "55P03"].contains(sqlState ?? "") }
}
