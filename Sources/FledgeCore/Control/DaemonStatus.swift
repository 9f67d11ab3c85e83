import Foundation

package struct DaemonStatus: Codable, Hashable, Sendable {
    package var version: String
    package var processID: Int32
    package var startedAt: Date
    package var stateDirectory: String
    /// Where the database is, without user, password or query.
    package var database: String
    package var dueWork: Int
    package var leasedWork: Int
    /// Work that waits for a person, counted up to a thousand; nil from a daemon of an earlier version.
    package var deadWork: Int?
    /// What the evidence's webhook was not told yet; nil where it knows all, or there is none.
    package var auditDelay: AuditDelay?

    package init(
        version: String, processID: Int32, startedAt: Date, stateDirectory: String, database: String, dueWork: Int,
        leasedWork: Int, deadWork: Int? = nil, auditDelay: AuditDelay? = nil
    ) {
        self.version = version
        self.processID = processID
        self.startedAt = startedAt
        self.stateDirectory = stateDirectory
        self.database = database
        self.dueWork = dueWork
        self.leasedWork = leasedWork
        self.deadWork = deadWork
        self.auditDelay = auditDelay
    }
}
