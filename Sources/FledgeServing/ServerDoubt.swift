import FledgeCore

/// What is known of a server that has not answered since it was first called, or since a call to it was lost: one that took
/// too long, whose connection broke, or that came back without an answer. Such a call may have been charged, so that only
/// one tries until an answer comes. The others wait for its end, and take its failure for theirs without being sent.
struct ServerDoubt: Sendable {
    /// What a caller knows of a doubt.
    struct Known: Hashable, Sendable {
        fileprivate var id: Int
        /// Calls that were lost in a row.
        fileprivate(set) var failures: Int

        /// Nil where it is another doubt.
        func failures(since known: Known?) -> Int? { known?.id == id ? failures - (known?.failures ?? 0) : nil }
    }

    private var known: Known
    /// How the last one was lost; nil where none was.
    private var error: FledgeError?
    private var lostAt: ContinuousClock.Instant?

    /// So long it is no use to try again.
    private static let moment = Duration.seconds(1)
    /// Whether a call tries.
    private(set) var isTried = false

    /// A server that was never called.
    init() { known = Known(id: 0, failures: 0) }

    /// - Parameter number: tells one doubt of a server from another.
    init(number: Int, _ error: FledgeError, at now: ContinuousClock.Instant) {
        known = Known(id: number, failures: 1)
        self.error = error
        lostAt = now
    }

    var isUntriedServer: Bool { known.failures == 0 }

    mutating func begin() -> Known {
        isTried = true
        return known
    }

    /// The call that tried is over, and has told nothing of the server.
    mutating func giveBack() { isTried = false }

    /// The call that tried was lost as well.
    mutating func fail(_ error: FledgeError, at now: ContinuousClock.Instant) {
        isTried = false
        known.failures += 1
        self.error = error
        lostAt = now
    }

    /// What a caller has not heard of yet that knows so much; nil where that is nothing. Who knows nothing of this doubt has
    /// to wait for the call that tries.
    func news(for caller: Known?) -> LostAlike? {
        guard let caller, let error, caller.id == known.id, caller.failures < known.failures else { return nil }
        return LostAlike(failures: known.failures - caller.failures, known: known, error: error)
    }

    /// What a caller hears that has waited for the call that tried.
    func news(forWaiting caller: Known?) -> LostAlike? {
        var before = known
        before.failures -= 1
        return news(for: caller?.id == known.id ? caller : before)
    }

    /// What a caller knows who has heard all there is to hear.
    func heard(by caller: Known?) -> Known { caller?.id == known.id ? caller ?? known : known }

    func lossJustNow(after failures: Int, at now: ContinuousClock.Instant) -> FledgeError? {
        guard let lostAt, known.failures >= failures, now < lostAt + Self.moment else { return nil }
        return error
    }

    func isOfThis(_ tried: Known?) -> Bool { tried?.id == known.id }
}

/// Other calls to the server were lost meanwhile: this one would have been as well, and was not sent.
struct LostAlike: Error {
    /// How many that the caller had not heard of.
    var failures: Int
    var known: ServerDoubt.Known
    /// How the last one was lost.
    var error: FledgeError
}
