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
    /// - Parameter item: stays the worker's, which renews its lease meanwhile and ends it afterwards. Where the lease
    ///   is lost the task is cancelled: the handler then ends soon, and writes nothing more.
    /// - Throws: a `FledgeError`; the work is tried again after one that is transient, and waits for a person after any
    ///   other. An error of another kind is a `work.failed`.
    func handle(_ item: WorkItem) async throws -> WorkOutcome
}
