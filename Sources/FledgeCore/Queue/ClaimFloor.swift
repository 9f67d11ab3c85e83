/// From where on a claim looks for work, in the order of turns.
///
/// As long as somebody holds an old snapshot, PostgreSQL keeps every row version that a claim has left behind, and a claim
/// that looks from the beginning steps over all of them. When that has become slow, most claims begin where the last one
/// found its first piece, and only a twentieth of the time goes into looking from the beginning. What stands before the
/// floor (work of a higher priority that has just come) waits that much longer, and only then.
///
/// `Instant` is the database's time of a turn, in microseconds since 1970.
package struct ClaimFloor: Sendable {
    /// A look from the beginning that takes no longer than this leaves every claim free to do so.
    package static let slow = Duration.milliseconds(25)
    /// Turns are given when a transaction begins, and seen when it has ended.
    package static let slackMicroseconds: Int64 = 500_000

    private var floor: Int64?
    private var nextFull: ContinuousClock.Instant?

    package init() {}

    /// - Returns: the turn to begin at; nil to look from the beginning.
    package func start(at now: ContinuousClock.Instant) -> Int64? {
        guard let nextFull, now < nextFull else { return nil }
        return floor
    }

    /// - Parameters:
    ///   - start: what `start` had said.
    ///   - first: the first turn that the claim has found; nil when it has found nothing.
    package mutating func looked(
        from start: Int64?, found first: Int64?, took: Duration, at now: ContinuousClock.Instant
    ) {
        if let first { floor = first - Self.slackMicroseconds }
        guard start == nil else { return }
        nextFull = took > Self.slow ? now + took * 20 : nil
    }
}
