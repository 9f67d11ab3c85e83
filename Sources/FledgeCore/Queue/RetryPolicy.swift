/// When something that failed is tried again, and after how long: exponential backoff with full jitter.
///
/// Full jitter (a pause drawn evenly from zero to the doubled bound) makes competitors do the least work in all: Marc
/// Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
package struct RetryPolicy: Hashable, Sendable {
    /// Tries in all, the first included.
    package var attempts: Int
    /// The bound of the first pause; it doubles from try to try.
    package var base: Duration
    /// What no pause exceeds.
    package var cap: Duration

    package init(attempts: Int = 5, base: Duration = .milliseconds(250), cap: Duration = .seconds(20)) {
        self.attempts = attempts
        self.base = base
        self.cap = cap
    }

    /// A piece of work whose model server or executor is away.
    package static let work = RetryPolicy(attempts: 5, base: .seconds(2), cap: .seconds(60))
    /// Telling the database how a piece of work ended, while the database is away: most of a minute in all.
    package static let recording = RetryPolicy(attempts: 12, base: .milliseconds(100), cap: .seconds(10))

    /// The pause before the next try, or nil to give up.
    ///
    /// - Parameters:
    ///   - attempt: tries that have failed so far, from 1.
    ///   - random: even in 0…1.
    package func pause(afterAttempt attempt: Int, random: Double) -> Duration? {
        attempt < attempts ? bound(afterAttempt: attempt) * min(max(random, 0), 1) : nil
    }

    /// The longest pause that may follow the try.
    package func bound(afterAttempt attempt: Int) -> Duration {
        // Twenty doublings reach any cap; more would overflow.
        min(base * (1 << min(max(attempt, 1) - 1, 20)), cap)
    }
}
