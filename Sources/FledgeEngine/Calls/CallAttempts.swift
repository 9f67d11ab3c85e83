import Synchronization

/// The attempts that a model server makes of one call: a parameter of ``ModelServer/complete(_:attempts:)``, because each
/// of them may be charged, and a cap holds only where whoever repeats one has asked for it.
///
/// What was begun and not turned down counts as charged at the most that the call can use, unless its answer says less.
/// What was never begun costs nothing. One value belongs to one call; its server may ask it from any task.
package final class CallAttempts: Sendable {
    private struct State {
        var begun = 0
        var mayBePaid = false
    }

    private let state = Mutex(State())
    private let another: @Sendable () async throws -> Void

    /// - Parameter another: called when an attempt is about to begin while the one before may have been charged: pays for
    ///   that one, and sets aside money for one more. Without it, attempts are nobody's concern.
    package init(another: @escaping @Sendable () async throws -> Void = {}) { self.another = another }

    /// Has to return before an attempt is sent, the first one as well as each repetition.
    ///
    /// - Throws: `spend.cap_reached` and the like when the attempt before may have been charged, and there is no money for
    ///   another: none may be sent then. `CancellationError` when the task was cancelled meanwhile.
    package func begin() async throws {
        if state.withLock(\.mayBePaid) { try await another() }
        state.withLock { state in
            state.begun += 1
            state.mayBePaid = true
        }
    }

    /// The attempt that was begun last was turned down, or has never reached the server: it costs nothing.
    package func wasRefused() { state.withLock { $0.mayBePaid = false } }

    /// How many have begun so far.
    package var begun: Int { state.withLock(\.begun) }

    /// Whether the last attempt may have been charged.
    package var mayBePaid: Bool { state.withLock(\.mayBePaid) }
}
