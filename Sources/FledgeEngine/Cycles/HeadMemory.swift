import FledgeCore
import Synchronization

/// Cycles as this process's own last transitions left them, so that the next one need not read them again.
///
/// Somebody else's transition may have come since. That is found out when the next one is written: its version does not
/// hold, and whoever was given the head asks the database.
final class HeadMemory: Sendable {
    private let heads = Mutex<[CycleID: CycleHead]>([:])
    /// A few hundred bytes each: cycles that had a transition lately.
    private static let maximum = 4096

    func keep(_ transition: Transition) {
        var head = transition.cycle
        head.state = transition.newState
        head.version += 1
        head.isOver = transition.event.kind.endsCycle
        heads.withLock { heads in
            if heads.count >= Self.maximum { heads.removeAll(keepingCapacity: true) }
            heads[head.id] = head
        }
    }

    /// What is remembered of the cycle; forgotten with that.
    func take(_ cycle: CycleID) -> CycleHead? { heads.withLock { $0.removeValue(forKey: cycle) } }
}
