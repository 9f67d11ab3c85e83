/// Why the schema could not be brought up to date.
package struct MigrationError: Error, Sendable, CustomStringConvertible {
    /// A stable code for programs to compare.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// An applied migration's file has changed since.
        package static let checksumChanged = Code(rawValue: "migration.checksum_changed")
        /// The database lacks what this build needs: a newer one has taken it away.
        package static let databaseNewer = Code(rawValue: "migration.database_newer")
        /// Daemons run that need what a migration takes away.
        package static let oldDaemons = Code(rawValue: "migration.old_daemons")
        /// A migration stands before one that is applied already.
        package static let outOfOrder = Code(rawValue: "migration.out_of_order")
        /// The server rejected a migration; it was rolled back.
        package static let failed = Code(rawValue: "migration.failed")
    }

    package let code: Code
    package let message: String
    /// The migration that it is about.
    package let version: Int

    package init(code: Code, message: String, version: Int) {
        self.code = code
        self.message = message
        self.version = version
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
