import FledgeCore
import FledgeEngine
import Logging
import Synchronization

/// Daemons and people at work on one simulated store: the engine's own services, on one thread, under a virtual clock.
///
/// Whatever waits lets others go on, in an order that the seed draws, so that whatever can come between two calls does. One
/// seed is one story, told the same way each time.
package final class SimulatedFleet: Sendable {
    package typealias Time = SimulatedStore.Time
    package typealias Violation = SimulationChecker.Violation

    struct State {
        var store: SimulatedStore
        var checker: SimulationChecker
        var attempts = AttemptChecker()
        var schedules: SimulatedSchedules
        var executor = SimulatedExecutor()
        var faults: SimulatedFaults
        var trace: [SimulationStep] = []
        var steps = 0
        /// At which of them the fleet has to have come to rest.
        var lastStep = Int.max
        var lastTime = Time.max
        var isCalm = false
        var hasResumed = false
        var late = 0
        var definitions = 0
        var peopleAtWork = 0
        var daemons: [Daemon] = []
        var people: [SimulatedProcess] = []
        var violation: Violation?
    }

    struct Daemon {
        var process: SimulatedProcess?
        var hints: AsyncStream<Void>.Continuation?
        var isStopping = false
        var cutOffUntil: Time = 0
    }

    let settings: SimulationSettings
    let scheduler: StoryScheduler
    let bug: PlantedBug?
    private let keepsTrace: Bool
    private let state: Mutex<State>

    package init(seed: UInt64, settings: SimulationSettings, bug: PlantedBug? = nil, keepsTrace: Bool = false) {
        self.settings = settings
        self.bug = bug
        self.keepsTrace = keepsTrace
        scheduler = StoryScheduler(seed: seed)
        let faults = scheduler.draw { settings.faults ?? SimulatedFaults(drawnBy: &$0) }
        state = Mutex(
            State(
                store: SimulatedStore(useCases: settings.useCases, bug: bug),
                checker: SimulationChecker(useCases: settings.useCases),
                schedules: SimulatedSchedules(count: settings.reports ? settings.useCases : 0), faults: faults))
    }

    func withState<Value: Sendable>(_ body: (inout State) -> Value) -> Value { state.withLock { body(&$0) } }

    package var now: Time { scheduler.now }
    package var store: SimulatedStore { withState(\.store) }
    package var steps: Int { withState(\.steps) }
    package var trace: [SimulationStep] { withState(\.trace) }
    var isCalm: Bool { withState(\.isCalm) }

    /// Faults first; then none, until everything has come to rest; then whatever was paused goes on.
    package func run() throws(Violation) {
        withState { $0.daemons = Array(repeating: Daemon(), count: settings.daemons) }
        for index in 0..<settings.daemons { launch(index) }
        for index in 0..<settings.useCases { SimulatedPerson.appear(index, in: self) }
        for incident in settings.incidents { scheduler.at(incident.at) { [self] in happen(incident) } }
        if settings.steps == 0 { calm() }
        scheduler.at(settings.timeToCalm) { [self] in if !isCalm { calm() } }
        scheduler.run()
        let violation = withState(\.violation)
        end()
        if let violation { throw violation }
    }

    /// Nothing of the story goes on: what waits is let go.
    private func end() {
        scheduler.forgetTimers()
        let processes = withState { $0.daemons.compactMap(\.process) + $0.people }
        for process in processes { process.kill() }
        scheduler.run()
    }

    // MARK: Promises

    func fail(_ violation: Violation) {
        withState { $0.violation = $0.violation ?? violation }
        scheduler.stop()
    }

    func expect(_ body: (inout State) throws(Violation) -> Void) {
        let violation: Violation? = withState { state -> Violation? in
            do throws(Violation) {
                try body(&state)
                return nil
            } catch { return error }
        }
        if let violation { fail(violation) }
    }

    // MARK: The store

    /// One operation as one transaction, looked at by the checkers.
    @discardableResult
    func perform(_ operation: StoreOperation, by caller: SimulationStep.Caller) -> StoreResult {
        let now = scheduler.passInstant()
        var result = StoreResult.conflict
        expect { (state) throws(Violation) in
            result = state.store.perform(operation, at: now)
            if keepsTrace {
                state.trace.append(SimulationStep(at: now, who: caller, what: .operation(operation, result)))
            }
            state.attempts.note(operation, result, at: now)
            try state.checker.check(operation, result, in: state.store, at: now)
        }
        switch operation {
        case .record: hint()
        case .revive: if result == .held(true) { hint() }
        case .release(_, let delay, _): if delay == 0 { hint() }
        default: break
        }
        step()
        return result
    }

    /// What the machine makes of the event in the cycle's present state; nil when it rejects it.
    func move(_ cycle: Int, by event: CycleEvent) -> Move? {
        let row = withState { $0.store.cycles[cycle] }
        var machine = CycleMachine(state: row.state, needsApproval: row.definition.needsApproval)
        guard let changes = try? machine.handle(event) else { return nil }
        return Move(
            cycle: cycle, version: row.version, from: row.state, event: event, to: machine.state, changes: changes)
    }

    private func hint() {
        guard bug != .listenerGone || now < SimulationSettings.listenersLastFor else { return }
        for hints in withState({ $0.daemons.map(\.hints) }) {
            if let hints, !strikes(\.lostHint) { hints.yield() }
        }
    }

    func note(_ text: @autoclosure () -> String) {
        guard keepsTrace else { return }
        let step = SimulationStep(at: now, who: nil, what: .note(text()))
        withState { $0.trace.append(step) }
    }

    /// Whether the fault happens here.
    func strikes(_ fault: KeyPath<SimulatedFaults, UInt64>) -> Bool {
        scheduler.chance(withState { $0.faults[keyPath: fault] })
    }

    // MARK: Rest

    private func step() {
        let (isCalming, isLast) = withState { state in
            state.steps += 1
            return (!state.isCalm && state.steps >= settings.steps, state.steps >= state.lastStep)
        }
        if isCalming { calm() }
        if isLast { fail(Violation(promise: .comesToRest, what: "work goes on long after the last fault")) }
    }

    private func calm() {
        let processes = withState { state in
            state.faults = .none
            state.isCalm = true
            state.lastStep = state.steps + settings.stepsToRest
            state.lastTime = max(scheduler.now, settings.shortest) + settings.timeToRest
            return state.daemons.compactMap(\.process)
        }
        for process in processes { process.setPace(100) }
        note("the faults stop")
        lookForRest()
    }

    private func lookForRest() {
        scheduler.at(max(now + 1_000_000, settings.shortest)) { [self] in
            guard isAtRest, !resumePaused() else {
                guard now < withState(\.lastTime) else {
                    return fail(Violation(promise: .comesToRest, what: "something waits long after the last fault"))
                }
                return lookForRest()
            }
            expect { (state) throws(Violation) in
                try state.checker.checkRest(state.store)
                try state.schedules.checkRest(at: scheduler.now)
                if let wrong = settings.expectation?(state.store) { throw Violation(promise: .knownEnd, what: wrong) }
            }
            scheduler.stop()
        }
    }

    /// - Returns: false when nothing is left that has to go on first.
    private func resumePaused() -> Bool {
        let isFirst = withState { state in
            defer { state.hasResumed = true }
            return !state.hasResumed
        }
        guard isFirst else { return false }
        for (id, row) in store.cycles.enumerated() where row.isOpen && row.state.isPaused {
            if let move = move(id, by: .resumed) { perform(.record(move, finishing: nil), by: .person(0)) }
        }
        return true
    }

    private var isAtRest: Bool {
        withState { state in
            state.late == 0 && state.peopleAtWork == 0 && state.store.waitingUseCases().isEmpty
                && state.daemons.allSatisfy { !$0.isStopping }
                && state.store.work.allSatisfy { !$0.isOpen || state.store.cycles[$0.cycle].state.isPaused }
        }
    }
}
