import Foundation

/// Where a piece of work stands. Dead work has used up its attempts and waits for a person.
package enum WorkState: String, Codable, Sendable, CaseIterable {
    case queued, leased, done, dead, cancelled

    /// The states of work that somebody still has to do or to look at.
    package static let open: [WorkState] = [.dead, .leased, .queued]
}

/// A piece of work as people see it.
package struct WorkView: Codable, Hashable, Sendable {
    package var id: WorkItemID
    package var kind: String
    package var state: WorkState
    /// Nil for a report on every use case.
    package var useCase: String?
    package var cycle: Int?
    package var priority: Int
    package var attempts: Int
    package var maximumAttempts: Int
    package var errorCode: String?
    package var errorMessage: String?
    /// The daemon that has it.
    package var worker: String?
    package var createdAt: Date
    /// The time before which it is not claimed; nil while its use case is paused.
    package var runAt: Date?
    package var finishedAt: Date?

    package init(
        id: WorkItemID, kind: String, state: WorkState, useCase: String?, cycle: Int?, priority: Int, attempts: Int,
        maximumAttempts: Int, errorCode: String?, errorMessage: String?, worker: String?, createdAt: Date,
        runAt: Date?, finishedAt: Date?
    ) {
        self.id = id
        self.kind = kind
        self.state = state
        self.useCase = useCase
        self.cycle = cycle
        self.priority = priority
        self.attempts = attempts
        self.maximumAttempts = maximumAttempts
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.worker = worker
        self.createdAt = createdAt
        self.runAt = runAt
        self.finishedAt = finishedAt
    }
}
