import FledgeCore
import FledgeDocument

/// Applies events to cycles: loads the state, asks the machine, records what it said.
package struct CycleService: Sendable {
    private let stores: any TransitionStore
    private let left = HeadMemory()
    /// Tries against transitions that come between. Each one lost is another's progress, so that only a fault needs so many.
    private static let attempts = 1000
    /// Tries on one and the same state. A head may be read along with one that was asked for earlier, but not so often: a
    /// state that nobody changes and that takes no transition is that of a cycle that has ended.
    private static let attemptsUnchanged = 3

    package init(stores: any TransitionStore) { self.stores = stores }

    /// Applies an event, again on the newer state where somebody else's transition came between.
    ///
    /// - Parameter lease: the work that the event is the outcome of; it is finished in the same transaction.
    /// - Throws: `cycle.rejected_event` when the newer state does not take the event, or has ended, `work.lost` when the work is another's.
    @discardableResult
    package func apply(_ event: CycleEvent, to id: CycleID, actor: String, finishing lease: WorkLease? = nil)
        async throws
        -> CycleState
    {
        // What this process left the cycle as, or what the database says: the first may be out of date, and is asked once.
        var remembered = left.take(id)
        var attempts = 0
        var refused: (version: Int64, times: Int)?
        while true {
            let isCertain = remembered == nil
            let cycle = if let remembered { remembered } else { try await stores.head(of: id) }
            remembered = nil
            var machine = CycleMachine(state: cycle.state, needsApproval: cycle.needsApproval)
            let actions: [CycleAction]
            do { actions = try machine.handle(event) } catch {
                if isCertain { throw error }
                continue
            }
            let transition = Transition(
                cycle: cycle, event: event, newState: machine.state, actions: actions, actor: actor)
            do {
                try await EngineTracing.transition(event, of: id) {
                    try await stores.record(transition, finishing: lease)
                }
                left.keep(transition)
                EngineMetrics.transition(event.kind)
                return machine.state
            } catch let error as FledgeError where error.code == .cycleConflict && attempts < Self.attempts {
                attempts += 1
                refused = (cycle.version, refused?.version == cycle.version ? (refused?.times ?? 0) + 1 : 1)
                if let refused, refused.times >= Self.attemptsUnchanged { throw ended(event, cycle) }
            }
        }
    }

    private func ended(_ event: CycleEvent, _ cycle: CycleHead) -> FledgeError {
        FledgeError(
            .cycleRejectedEvent, "\(event.kind.rawValue) is not possible: cycle \(cycle.number) has ended",
            hint: "fledge status shows the cycle that has taken its place")
    }

    /// Opens the next cycle of a use case on its latest revision, and starts it; several that do so at once start one.
    package func start(_ useCase: UseCaseID, actor: String) async throws -> CycleID {
        let cycle = try await stores.openCycle(for: useCase, actor: actor)
        guard cycle.state == .new else { return cycle.id }
        CrashPoint.cycleOpened.reached()
        do {
            try await apply(.started, to: cycle.id, actor: actor)
        } catch let error as FledgeError where error.code == .cycleRejectedEvent {
            guard try await stores.head(of: cycle.id).state != .new else { throw error }
        }
        return cycle.id
    }
}
