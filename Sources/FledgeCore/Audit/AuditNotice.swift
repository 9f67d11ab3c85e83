import Foundation

/// How far the evidence of one use case has come, as it is told to somebody elsewhere: one JSON object.
package struct AuditNotice: Codable, Hashable, Sendable {
    /// Where the database is, without user, password or query.
    package var database: String
    package var useCase: String
    /// Entries of the chain, and the last one's hash.
    package var length: Int
    package var head: String
    /// Transitions of the history, and the last one's hash; nil in what others have written down without them.
    package var transitions: Int?
    package var historyHead: String?
    package var time: Date

    package init(database: String, useCase: String, head: AuditHead, time: Date) {
        self.database = database
        self.useCase = useCase
        length = head.entries
        self.head = head.hash
        transitions = head.transitions
        historyHead = head.historyHash
        self.time = time
    }

    /// Of somebody who has written no transitions down, none are known.
    package var stood: AuditHead {
        AuditHead(
            entries: length, hash: head, transitions: historyHead == nil ? 0 : transitions ?? 0,
            historyHash: historyHead ?? TransitionHash.origin)
    }

    /// The object on one line, with its fields sorted.
    package var json: [UInt8] { (try? JSONProfile.exported.data(of: self)).map(Array.init) ?? [] }
}

/// What somebody elsewhere was not told yet of the evidence.
package struct AuditDelay: Codable, Hashable, Sendable {
    /// So many use cases have come further than he knows.
    package var useCases: Int
    /// Since when.
    package var since: Date
    /// Why the last try failed; nil before the first one.
    package var problem: FledgeError?

    package init(useCases: Int, since: Date, problem: FledgeError?) {
        self.useCases = useCases
        self.since = since
        self.problem = problem
    }
}
