import FledgeCore
import Foundation

/// All that is left of a run with faults: what the database says, what the provider counted, and what was done to the
/// daemons. A plain value, so that `RunChecker` can be shown to find what is wrong.
package struct RunRecord: Sendable {
    package struct UseCase: Sendable {
        package var name: String
        /// Oldest first.
        package var history: [HistoryEntry]
        package var cycles: [Cycle]
        /// How its last cycle has to end: a place, and the block's code where it is blocked. Nil where any end will do.
        package var expectedEnd: End?
        /// Calls that its search may make, and has made by its own account.
        package var callCap: Int?
        package var paidCalls: Int
        /// Calls that it may make in all, and has made as its provider counts them: those that a crash cut off, too.
        package var spendCap: Int?
        package var askedCalls: Int

        package init(
            name: String, history: [HistoryEntry], cycles: [Cycle], expectedEnd: End? = nil, callCap: Int? = nil,
            paidCalls: Int = 0, spendCap: Int? = nil, askedCalls: Int = 0
        ) {
            self.name = name
            self.history = history
            self.cycles = cycles
            self.expectedEnd = expectedEnd
            self.callCap = callCap
            self.paidCalls = paidCalls
            self.spendCap = spendCap
            self.askedCalls = askedCalls
        }
    }

    package struct End: Sendable, Hashable {
        package var stage: Stage
        package var activity: Activity
        package var block: String?

        package init(_ stage: Stage, _ activity: Activity, block: String? = nil) {
            self.stage = stage
            self.activity = activity
            self.block = block
        }
    }

    package struct Cycle: Sendable {
        package var number: Int
        package var needsApproval: Bool
        package var state: CycleState
        /// In the order in which it was asked for.
        package var work: [Work]

        package init(number: Int, needsApproval: Bool = false, state: CycleState, work: [Work]) {
            self.number = number
            self.needsApproval = needsApproval
            self.state = state
            self.work = work
        }
    }

    package struct Work: Sendable, Hashable {
        package enum State: String, Sendable, CaseIterable { case queued, leased, done, dead, cancelled }
        package var kind: String
        package var state: State

        package init(_ kind: String, _ state: State) {
            self.kind = kind
            self.state = state
        }
    }

    /// A sample in the database.
    package struct Sample: Sendable {
        /// As `CallLedger.key`.
        package var key: String
        package var committed: Date
        /// False for an answer out of the response cache.
        package var isPaid: Bool

        package init(key: String, committed: Date, isPaid: Bool) {
            self.key = key
            self.committed = committed
            self.isPaid = isPaid
        }
    }

    /// Something that was done to one daemon or to all, and what it may have cost.
    package struct Interruption: Sendable {
        package enum Kind: String, Sendable, CaseIterable {
            /// Ended: it writes nothing any more.
            case ended
            /// Held up or cut off, and alive: it may write later what it knows.
            case stalled
        }
        package var kind: Kind
        /// Nil: every daemon.
        package var daemon: Int?
        package var from: Date
        package var to: Date

        package init(_ kind: Kind, daemon: Int?, from: Date, to: Date) {
            self.kind = kind
            self.daemon = daemon
            self.from = from
            self.to = to
        }
    }

    package struct Slot: Sendable, Hashable {
        package var schedule: Int64
        package var slot: String
        package init(schedule: Int64, slot: String) {
            self.schedule = schedule
            self.slot = slot
        }
    }

    package var useCases: [UseCase] = []
    package var samples: [Sample] = []
    package var calls: [CallLedger.Call] = []
    package var interruptions: [Interruption] = []
    /// External jobs by intent, as the provider counts them.
    package var jobs: [String: Int] = [:]
    /// Slots that a piece of work was made for, one entry a piece.
    package var firedSlots: [Slot] = []
    /// Slots that a report was written for, one entry a report.
    package var reportedSlots: [Slot] = []
    /// Whether the run was given time to finish: then nothing may be open.
    package var isDrained = true

    package init() {}
}
