import FledgeCore

/// What handling a piece of work led to.
package enum WorkOutcome: Sendable {
    /// The cycle moves on: the event and the end of the work are recorded together.
    case event(CycleEvent)
    /// Nothing moves.
    case finished
}

/// Does one kind of work. A handler may be run again after a crash at any point: what it did before must count.
package protocol WorkHandler: Sendable {
    func handle(_ item: WorkItem) async throws -> WorkOutcome
}
