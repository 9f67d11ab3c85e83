import Synchronization

/// Whether an attempt at a piece of work has brought anything that stays: then its failure is not one of the same kind
/// again and again.
package final class WorkProgress: Sendable {
    /// The attempt that this task belongs to.
    @TaskLocal package static var current: WorkProgress?

    private let made = Mutex(false)

    package init() {}

    package var hasProgressed: Bool { made.withLock { $0 } }

    /// Answers have been written that the next attempt does not ask for again.
    package func note() { made.withLock { $0 = true } }
}
