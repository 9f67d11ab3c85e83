import Synchronization

/// A call that is made under a cap. The server's client says here what becomes of its attempts: each that may have been
/// charged counts at the most that it can have used, and one that was never sent costs nothing.
package final class PaidCall: Sendable {
    /// Set while a call is made under a cap.
    @TaskLocal package static var current: PaidCall?

    private enum State { case unfollowed, unsent, sent }

    private let state = Mutex(State.unfollowed)
    private let another: @Sendable () async throws -> Void

    /// - Parameter another: pays for the attempt before, and sets aside money for one more.
    init(another: @escaping @Sendable () async throws -> Void) { self.another = another }

    /// The client follows the call: nothing is charged that it does not send.
    package func follow() { state.withLock { if $0 == .unfollowed { $0 = .unsent } } }

    /// An attempt is about to be sent.
    ///
    /// - Throws: `spend.cap_reached` when the attempt before may have been charged, and there is no money for another.
    package func begin() async throws {
        if state.withLock({ $0 == .sent }) { try await another() }
        state.withLock { $0 = .sent }
    }

    /// The attempt was turned down, or has never reached the server: it costs nothing.
    package func wasRefused() { state.withLock { $0 = .unsent } }

    /// Whether the last attempt may have been charged; nil where nobody followed the call.
    var mayBePaid: Bool? { state.withLock { $0 == .unfollowed ? nil : $0 == .sent } }
}
