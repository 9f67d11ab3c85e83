/// Places at something that takes only so many at once, shared by all daemons. A dead daemon's come back by lease.
package protocol AllotmentStore: Sendable {
    /// Asks for places, and keeps those that are in use.
    ///
    /// - Parameters:
    ///   - wanted: how many the holder has a use for now.
    ///   - inUse: those that it can't give back yet.
    ///   - limit: how many there are.
    /// - Returns: how many the holder may use until the lease ends; fewer than are in use when it is to let go of some.
    func allot(
        _ resource: String, to holder: String, wanted: Int, inUse: Int, limit: Int, lease: Duration
    ) async throws -> Int
    /// Takes one place, or keeps the one that the holder has. - Returns: false when all are taken.
    func takePlace(_ resource: String, by holder: String, limit: Int, lease: Duration) async throws -> Bool
    /// Gives all places back.
    func giveUp(_ resource: String, of holder: String) async throws
}
