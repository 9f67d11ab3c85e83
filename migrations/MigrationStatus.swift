import FoundationEssentials

/// Where one migration stands in one database.
package struct MigrationStatus: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        case applied(at: Date)
        case pending
        /// Applied, but from a file that differs from this build's.
        case changed(appliedAt: Date)
        /// Applied by a newer build.
        case unknown(appliedAt: Date)
    }

    package let version: Int
    package let name: String
    package let state: State
    /// See `Migration.needs`; 0 for one that this build does not know.
    package let needs: Int
}
