import FledgeCore
import Synchronization

/// Cycles as this process's own last transitions left them, so that the next one need not read them again.
///
/// Another process may have recorded a transition since. That is found out when the next one is written: the version
/// does not match any more, and the caller reads the cycle from the database.
final class HeadMemory: Sendable {
    private let heads = Mutex<[CycleID: CycleHead]>([:])
    /// How many cycles are remembered, those with the latest transitions; each takes a few hundred bytes.
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

    /// The remembered head of the cycle, which is forgotten by this call; nil where there is none.
    func take(_ cycle: CycleID) -> CycleHead? { heads.withLock { $0.removeValue(forKey: cycle) } }
}
