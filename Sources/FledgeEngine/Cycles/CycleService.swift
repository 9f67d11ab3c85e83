import FledgeCore
import FledgeDocument

/// Applies events to cycles: loads the state, asks the machine, records what it said.
package struct CycleService: Sendable {
    private let stores: any CycleStore
    private let left = HeadMemory()
    /// How often an event is tried again because somebody else's transition came first. Every lost try means that
    /// another one succeeded, so only a fault in the program needs so many.
    private static let attempts = 1000

    package init(stores: any CycleStore) { self.stores = stores }

    /// Applies an event, again on the newer state where somebody else's transition came between.
    ///
    /// - Parameter lease: the work that the event is the outcome of; it is finished in the same transaction.
    /// - Throws: `cycle.rejected_event` when the newer state does not take the event, `work.lost` when the work is another's.
    @discardableResult
    package func apply(_ event: CycleEvent, to id: CycleID, actor: String, finishing lease: WorkLease? = nil)
        async throws
        -> CycleState
    {
        // The state as this process left the cycle, or else as the database has it. The remembered state may be out of
        // date, so it is used for the first try only.
        var remembered = left.take(id)
        var attempts = 0
        while true {
            let isCertain = remembered == nil
            let cycle = if let remembered { remembered } else { try await stores.head(of: id) }
            remembered = nil
            var machine = CycleMachine(
                state: cycle.state, needsApproval: cycle.needsApproval, isOver: cycle.isOver)
            let changes: [WorkChange]
            do { changes = try machine.handle(event) } catch {
                if isCertain { throw error }
                continue
            }
            let transition = Transition(
                cycle: cycle, event: event, newState: machine.state, changes: changes, actor: actor)
            do {
                try await EngineTracing.transition(event, of: id) {
                    try await stores.record(transition, finishing: lease)
                }
                left.keep(transition)
                EngineMetrics.transition(event.kind)
                return machine.state
            } catch let error as FledgeError where error.code == .cycleConflict && attempts < Self.attempts {
                attempts += 1
            }
        }
    }

    /// Opens the next cycle of a use case on its latest revision, and starts it; several that do so at once start one.
    ///
    /// - Returns: the latest cycle, which is under way or was kept.
    package func start(_ useCase: UseCaseID, actor: String) async throws -> CycleID {
        let cycle = try await stores.openCycle(for: useCase, actor: actor)
        guard cycle.state == .new else { return cycle.id }
        CrashPoint.cycleOpened.reached()
        do {
            try await apply(.started, to: cycle.id, actor: actor)
        } catch let error as FledgeError where error.code == .cycleRejectedEvent {
            guard try await stores.cycle(cycle.id).state == .new else { return cycle.id }
            // A still newer revision has taken its place meanwhile.
            let latest = try await stores.currentCycle(of: useCase)
            guard latest?.id != cycle.id else { throw error }
            return try await start(useCase, actor: actor)
        }
        return cycle.id
    }
}
