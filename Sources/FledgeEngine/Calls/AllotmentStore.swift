/// Places at something that takes only so many at once, shared by all daemons. A dead daemon's come back by lease.
///
/// A holder has one row, in which the last word counts. Times are the database's. A holder owns its places until the lease
/// ends or it gives them up.
package protocol AllotmentStore: Store {
    /// Asks for places, and keeps those that are in use.
    ///
    /// - Parameters:
    ///   - wanted: how many the holder has a use for now.
    ///   - inUse: those that it can't give back yet.
    ///   - limit: how many there are.
    ///   - lease: from when the database answers; whoever counts by a clock of its own counts from before the question.
    /// - Returns: how many the holder may use until the lease ends; fewer than are in use when it is to let go of some.
    func allot(
        _ resource: String, to holder: String, wanted: Int, inUse: Int, limit: Int, lease: Duration
    ) async throws -> Int
    /// Takes one place for a training job, or keeps the one that it has.
    ///
    /// Use cases take turns: one that waits for a place gets the next one that frees before one that has a place gets a
    /// further one. Among those that have as many, who waits for longest is next, and each step of priority is a minute.
    ///
    /// - Parameters:
    ///   - holder: the job's intent.
    ///   - lease: how long the place is kept; where there is none, how long the use case is known to wait for one.
    /// - Returns: false when all places are taken, or are others' whose turn comes first.
    func takePlace(_ resource: String, by holder: String, limit: Int, lease: Duration) async throws -> Bool
    /// Gives all places back; does nothing where the holder has none.
    func giveUp(_ resource: String, of holder: String) async throws
}
