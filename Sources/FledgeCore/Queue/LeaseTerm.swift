/// How long a worker may believe that a piece of work is its own, by its own steady clock.
///
/// The database's clock decides when a lease runs out there. Since every renewal is counted from before it was asked for,
/// the worker's term is over first, whatever the database took to answer: a worker whose renewals are late stops working
/// before another begins.
package struct LeaseTerm: Sendable {
    package let length: Duration
    package private(set) var end: ContinuousClock.Instant

    /// - Parameter asked: when the claim was sent.
    package init(length: Duration, asked: ContinuousClock.Instant) {
        self.length = length
        end = asked + length
    }

    /// Three tries within a term: one that is lost on the way does not end it.
    package var renewalPause: Duration { length / 3 }

    /// The database has prolonged the lease.
    package mutating func renew(asked: ContinuousClock.Instant) { end = max(end, asked + length) }

    package func isOver(at now: ContinuousClock.Instant) -> Bool { now >= end }
}
