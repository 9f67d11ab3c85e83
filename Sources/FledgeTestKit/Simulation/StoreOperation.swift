import FledgeCore

/// One call of the store with its arguments: what a trace is made of. Durations are in microseconds.
package enum StoreOperation: Sendable, Hashable {
    case apply(useCase: Int, SimulatedStore.Definition)
    case openCycle(useCase: Int)
    case moveChampion(useCase: Int)
    case claim(limit: Int, lease: Int64)
    case renew(Hold, lease: Int64)
    case finish(Hold)
    case bury(Hold)
    case release(Hold, after: Int64, countsAsAttempt: Bool)
    case record(Move, finishing: Hold?)
    /// A person asks for one piece of dead work again.
    case revive(work: Int)
    case openJob(Intent)
    case recordSubmission(Intent, external: Int)
}

/// What a worker has in its hands: a piece of work and the fencing number of its claim.
package struct Hold: Sendable, Hashable {
    package var work: Int
    package var fence: Int64

    package init(work: Int, fence: Int64) {
        self.work = work
        self.fence = fence
    }
}

/// A transition as the machine has worked it out from the state that was read.
package struct Move: Sendable, Hashable {
    package var cycle: Int
    /// The version that was read.
    package var version: Int64
    package var from: CycleState
    package var event: CycleEvent
    package var to: CycleState
    package var changes: [WorkChange]
}

/// The name under which a training job is submitted.
package struct Intent: Sendable, Hashable {
    package var cycle: Int
    package var attempt: Int
    /// Always 0, but for the planted bug that gives each try a name of its own.
    package var salt: Int64 = 0
}

package struct Claimed: Sendable, Hashable {
    package var hold: Hold
    package var cycle: Int
    package var action: CycleAction
    package var attempt: Int

    package init(hold: Hold, cycle: Int, action: CycleAction, attempt: Int) {
        self.hold = hold
        self.cycle = cycle
        self.action = action
        self.attempt = attempt
    }
}

/// What the store answered.
package enum StoreResult: Sendable, Hashable {
    case done
    case applied(isNew: Bool)
    /// The cycle that is open now.
    case opened(Int)
    case claimed([Claimed])
    case held(Bool)
    case job(external: Int?)
    /// `cycle.conflict`
    case conflict
    /// `work.lost`
    case lost

    /// Whether the operation says of itself that it has changed nothing.
    var hasRefused: Bool { self == .conflict || self == .lost || self == .held(false) }
}
