import FledgeCore

/// The queue, the cycles and the history as the statements of the real store keep them: in memory, one operation at a time,
/// under a clock that comes in as a value. Times are in microseconds.
///
/// What a statement says of rows is said here of array elements, in the same words where that is possible, so that the two
/// can be read side by side. Each operation is one transaction.
package struct SimulatedStore: Sendable {
    package typealias Time = Int64

    /// One row of `work_item`.
    package struct Work: Sendable, Hashable {
        package enum State: UInt8, Sendable { case queued, leased, done, dead, cancelled }

        package var cycle: Int
        package var state = State.queued
        package var priority: Int
        package var attempts = 0
        package var fence: Int64 = 0
        package var leasedUntil: Time = 0
        package var runAt: Time
        /// The order of claims: when it became due, less a head start for its priority.
        package var turnAt: Time

        package var isOpen: Bool { state == .queued || state == .leased }
    }

    /// One row of `cycle`.
    package struct CycleRow: Sendable, Hashable {
        package var useCase: Int
        package var number: Int
        package var revision: Int
        package var definition: Definition
        /// The definition that it was opened on: another may have been adopted since.
        package var opened: Definition
        package var state = CycleState.new
        package var version: Int64 = 0
        package var isOpen = true
    }

    /// What a use case's definition says that matters here. `serial` makes each one a new document, `evidence` is the part
    /// of it that asks for evidence.
    package struct Definition: Sendable, Hashable {
        package var serial: Int
        package var evidence: Int
        package var needsApproval: Bool
        package var priority: Int

        package init(serial: Int, evidence: Int, needsApproval: Bool, priority: Int) {
            self.serial = serial
            self.evidence = evidence
            self.needsApproval = needsApproval
            self.priority = priority
        }
    }

    /// One row of `transition`.
    package struct Entry: Sendable, Hashable {
        package var sequence: Int
        package var cycle: Int
        package var event: CycleEvent.Kind
        package var from: CycleMachine.Place
        package var to: CycleMachine.Place
    }

    package struct UseCase: Sendable {
        package var revisions: [Definition] = []
        /// The latest cycle, open or ended.
        package var current: Int?
        package var cycles = 0
        package var history: [Entry] = []
    }

    package static let maximumAttempts = 5
    /// Of a paused cycle's waiting work.
    static let never = Time.max

    package internal(set) var useCases: [UseCase]
    package internal(set) var cycles: [CycleRow] = []
    package internal(set) var work: [Work] = []
    /// The payloads of `work`, apart from it because they are never changed.
    package internal(set) var actions: [CycleAction] = []
    /// Training jobs by intent: the external id, nil as long as none is recorded.
    package internal(set) var jobs: [Intent: Int?] = [:]
    package let bug: PlantedBug?

    package init(useCases: Int, bug: PlantedBug? = nil) {
        self.useCases = Array(repeating: UseCase(), count: useCases)
        self.bug = bug
    }

    static func turn(at time: Time, priority: Int) -> Time {
        time - Int64(WorkPriority.headStart(priority) / .microseconds(1))
    }

    /// Runs one operation as one transaction.
    package mutating func perform(_ operation: StoreOperation, at now: Time) -> StoreResult {
        switch operation {
        case .apply(let useCase, let definition): apply(definition, to: useCase)
        case .openCycle(let useCase): openCycle(of: useCase, at: now)
        case .moveChampion(let useCase): .held(moveChampion(of: useCase))
        case .claim(let limit, let lease): .claimed(claim(limit: limit, lease: lease, at: now))
        case .renew(let hold, let lease): .held(renew(hold, for: lease, at: now))
        case .finish(let hold): end(hold, as: .done, at: now) ? .done : .lost
        case .bury(let hold): end(hold, as: .dead, at: now) ? .done : .lost
        case .release(let hold, let delay, let countsAsAttempt):
            release(hold, after: delay, countsAsAttempt: countsAsAttempt, at: now)
        case .record(let move, let hold): record(move, finishing: hold, at: now)
        case .revive(let work): .held(revive(work, at: now))
        case .openJob(let intent): openJob(intent)
        case .recordSubmission(let intent, let external): recordSubmission(intent, external)
        }
    }
}
