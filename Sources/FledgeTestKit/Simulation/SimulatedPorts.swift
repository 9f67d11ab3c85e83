import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// The simulated store as one process reaches it: over a connection that takes its time, breaks, and may break after what
/// was sent has been done.
struct SimulatedPorts: Sendable {
    typealias Time = SimulatedStore.Time

    let fleet: SimulatedFleet
    let process: SimulatedProcess
    let caller: SimulationStep.Caller

    /// What a person's command that was cut off comes to.
    struct Cut: Error {}

    static let noAnswer = FledgeError("database.no_answer", "the connection broke")

    /// - Throws: `SimulatedProcess.Gone`, `Cut`; an error that may pass, of which nobody can know whether the operation
    ///   was done then, or will be; `CancellationError`.
    func call(_ operation: StoreOperation) async throws -> StoreResult {
        try survive()
        let scheduler = fleet.scheduler
        let delay = fleet.strikes(\.slowAnswer) ? scheduler.span(1_000...25_000) : scheduler.span(0...40)
        let isSlowThere = scheduler.draw { $0.next(below: 2) } == 0
        if isSlowThere { try await process.sleep(for: delay) }
        if isCutOff {
            fleet.withState { $0.attempts.noteLost(operation) }
            throw Self.noAnswer
        }
        guard fleet.strikes(\.lostCall) else {
            let result = fleet.perform(operation, by: caller)
            if !isSlowThere { try await process.sleep(for: delay) }
            return result
        }
        fleet.withState { $0.attempts.noteLost(operation) }
        switch scheduler.draw({ $0.next(below: 3) }) {
        case 0: fleet.note("\(caller): the connection breaks before \(operation)")
        case 1:
            fleet.perform(operation, by: caller)
            fleet.note("\(caller): the connection breaks after it")
        default:
            fleet.note("\(caller): the connection breaks, \(operation) is under way")
            fleet.later(scheduler.span(0...30_000)) { [fleet] in fleet.perform(operation, by: .lateRequest) }
        }
        throw Self.noAnswer
    }

    /// What only reads is answered at once, or not.
    func read<Value: Sendable>(_ body: (inout SimulatedFleet.State) -> Value) throws -> Value {
        if process.isDead { throw SimulatedProcess.Gone() }
        if fleet.strikes(\.lostCall) { throw Self.noAnswer }
        return fleet.withState(body)
    }

    private var isCutOff: Bool {
        guard case .daemon(let index) = caller else { return false }
        let now = fleet.now
        return fleet.withState { $0.daemons[index].cutOffUntil > now }
    }

    private func survive() throws {
        if process.isDead { throw SimulatedProcess.Gone() }
        switch caller {
        case .daemon(let index): try fleet.survive(index, process)
        case .person: if fleet.strikes(\.crash) { throw Cut() }
        case .lateRequest: break
        }
    }
}

extension SimulatedFleet {
    /// What was sent arrives later, when its sender has long given it up.
    func later(_ span: Time, _ action: @escaping @Sendable () -> Void) {
        withState { $0.late += 1 }
        scheduler.at(now + span) { [self] in
            withState { $0.late -= 1 }
            action()
        }
    }
}

// MARK: Names

extension Hold {
    init(_ lease: WorkLease) { self.init(work: Int(lease.item.rawValue), fence: lease.fence) }
    var lease: WorkLease { WorkLease(item: WorkItemID(Int64(work)), fence: fence) }
}

extension CycleID {
    var index: Int { Int(rawValue) }
}

extension Duration {
    /// Rounded down.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}

// MARK: Transitions

extension SimulatedPorts: TransitionStore {
    func openCycle(for useCase: UseCaseID, actor: String) async throws -> Cycle {
        guard case .opened(let index) = try await call(.openCycle(useCase: Int(useCase.rawValue))) else {
            throw FledgeError(.cycleConflict, "there is no revision")
        }
        return fleet.withState { Self.cycle(index, $0.store.cycles[index]) }
    }

    func head(of cycle: CycleID) async throws -> CycleHead {
        try read { state in
            let row = state.store.cycles[cycle.index]
            return CycleHead(
                id: cycle, useCase: UseCaseID(Int64(row.useCase)), number: row.number, state: row.state,
                version: row.version, needsApproval: row.definition.needsApproval, priority: row.definition.priority,
                isOver: !row.isOpen)
        }
    }

    func waitingUseCases() async throws -> [UseCaseID] {
        try read { $0.store.waitingUseCases().map { UseCaseID(Int64($0)) } }
    }

    func record(_ transition: Transition, finishing lease: WorkLease?) async throws {
        let move = Move(
            cycle: transition.cycle.id.index, version: transition.cycle.version, from: transition.cycle.state,
            event: transition.event, to: transition.newState, changes: transition.changes)
        var hold = lease.map { Hold($0) }
        if fleet.bug == .retryUnfenced, let told = hold, fleet.withState({ $0.attempts.isUnanswered(told) }) {
            hold = nil
        }
        switch try await call(.record(move, finishing: hold)) {
        case .conflict: throw FledgeError(.cycleConflict, "somebody else's transition came between")
        case .lost: throw FledgeError(.workLost, "another has the work")
        default: return
        }
    }

    private static let document = DefinitionDocument(
        useCase: UseCaseDefinition(name: "story"), sourceFile: "story.swift")

    private static func cycle(_ index: Int, _ row: SimulatedStore.CycleRow) -> Cycle {
        Cycle(
            id: CycleID(Int64(index)), useCase: UseCaseID(Int64(row.useCase)), number: row.number,
            revision: Revision(
                id: RevisionID(Int64(row.revision)), number: row.revision, document: document, sourceText: "",
                sha256: noDigest, appliedAt: Date(timeIntervalSince1970: 0), appliedBy: "story",
                isSourceVerified: false),
            snapshot: SnapshotID(0), snapshotSHA256: noDigest, state: row.state, version: row.version)
    }

    private static let noDigest = Digest(of: "")
}
