import Synchronization

/// When a loop of this process last did its round.
package final class Pulse: Sendable {
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    package init() {}

    package func beat() { last.withLock { $0 = .now } }

    /// How long ago; nil when it has not begun.
    package var age: Duration? { last.withLock { $0?.duration(to: .now) } }
}
