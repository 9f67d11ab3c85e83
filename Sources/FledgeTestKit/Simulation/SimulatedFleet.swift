import FledgeCore

/// Daemons and people at work on one simulated store, stepped by a seeded scheduler under a virtual clock.
///
/// Everything that happens is a turn of somebody, and the earliest is next. A turn is short: it reads, or it calls the store
/// once, so that whatever can come between two calls does. One seed is one story, told the same way each time.
package struct SimulatedFleet: Sendable {
    package typealias Time = SimulatedStore.Time
    package typealias Violation = SimulationChecker.Violation

    enum Turn {
        case look(Int)
        case piece(Int, Int)
        case renewal(Int, Int)
        case schedule(Int)
        case person(Int)
        case late(Int)
    }

    /// What was sent and arrives later, when its sender has long given it up.
    enum Late {
        case operation(StoreOperation)
        case submission(Intent)
    }

    package let settings: SimulationSettings
    package internal(set) var store: SimulatedStore
    package internal(set) var now: Time = 0
    package internal(set) var steps = 0
    package internal(set) var trace: [SimulationStep]
    var random: SplitMix64
    var faults: SimulatedFaults
    var isCalm = false
    var checker: SimulationChecker
    var executor = SimulatedExecutor()
    var daemons: [SimulatedDaemon]
    var people: [SimulatedPerson]
    var late: [(at: Time, what: Late)] = []
    var definitions = 0
    private let keepsTrace: Bool

    package init(seed: UInt64, settings: SimulationSettings, bug: PlantedBug? = nil, keepsTrace: Bool = false) {
        self.settings = settings
        self.keepsTrace = keepsTrace
        random = SplitMix64(seed: seed)
        faults = SimulatedFaults(drawnBy: &random)
        store = SimulatedStore(useCases: settings.useCases, bug: bug)
        checker = SimulationChecker(useCases: settings.useCases)
        trace = []
        daemons = []
        people = (0..<settings.useCases).map { SimulatedPerson(useCase: $0) }
        for _ in 0..<settings.daemons { daemons.append(SimulatedDaemon(startedAt: 0, pace: drawnPace())) }
    }

    var bug: PlantedBug? { store.bug }

    /// Faults first; then none, until everything has come to rest; then whatever was paused goes on.
    package mutating func run() throws(Violation) {
        for _ in 0..<settings.steps { try takeTurn() }
        faults = .none
        isCalm = true
        for index in daemons.indices { daemons[index].pace = 100 }
        note("the faults stop")
        try comeToRest()
        for (id, row) in store.cycles.enumerated() where row.isOpen && row.state.isPaused {
            var machine = CycleMachine(state: row.state, needsApproval: row.definition.needsApproval)
            guard let changes = try? machine.handle(.resumed) else { continue }
            let move = Move(
                cycle: id, version: row.version, from: row.state, event: .resumed, to: machine.state, changes: changes)
            _ = try perform(.record(move, finishing: nil), by: .person(0))
        }
        try comeToRest()
    }

    private mutating func comeToRest() throws(Violation) {
        for turn in 0..<settings.stepsToRest {
            if turn.isMultiple(of: 16), isAtRest { return try checker.checkRest(store) }
            try takeTurn()
        }
        throw Violation(promise: .comesToRest, what: "work goes on \(settings.stepsToRest) steps after the last fault")
    }

    private var isAtRest: Bool {
        late.isEmpty && daemons.allSatisfy { $0.pieces.isEmpty && $0.starting == nil } && people.allSatisfy(\.isIdle)
            && store.waitingUseCases().isEmpty
            && store.work.allSatisfy { !$0.isOpen || store.cycles[$0.cycle].state.isPaused }
    }

    // MARK: The scheduler

    private mutating func takeTurn() throws(Violation) {
        let (at, turn) = nextTurn()
        now = max(now, at)
        steps += 1
        switch turn {
        case .look(let daemon): try look(daemon)
        case .piece(let daemon, let piece): try advance(daemon, piece)
        case .renewal(let daemon, let piece): try renew(daemon, piece)
        case .schedule(let daemon): try schedule(daemon)
        case .person(let person): try act(person)
        case .late(let index):
            switch late.remove(at: index).what {
            case .operation(let operation): _ = try perform(operation, by: .lateRequest)
            case .submission(let intent):
                note("the executor gets a late submission")
                _ = try executor.submit(intent)
            }
        }
    }

    private func nextTurn() -> (Time, Turn) {
        var best: (at: Time, turn: Turn) = (daemons[0].wakes(at: daemons[0].scheduleAt), .schedule(0))
        func consider(_ at: Time, _ turn: @autoclosure () -> Turn) { if at < best.at { best = (at, turn()) } }
        for (index, daemon) in daemons.enumerated() {
            consider(daemon.wakes(at: daemon.scheduleAt), .schedule(index))
            consider(daemon.wakes(at: daemon.lookAt), .look(index))
            for (piece, work) in daemon.pieces.enumerated() {
                consider(daemon.wakes(at: work.at), .piece(index, piece))
                consider(daemon.wakes(at: work.renewAt), .renewal(index, piece))
            }
        }
        for (index, person) in people.enumerated() where !isCalm || !person.isIdle {
            consider(person.at, .person(index))
        }
        for (index, request) in late.enumerated() { consider(request.at, .late(index)) }
        return best
    }

    // MARK: Calling the store

    /// - Returns: nil when the caller sees an error; whether the operation was done then, or will be, it cannot know.
    mutating func call(_ operation: StoreOperation, by caller: SimulationStep.Caller) throws(Violation)
        -> StoreResult?
    {
        guard chance(faults.lostCall) else { return try perform(operation, by: caller) }
        switch random.next(below: 3) {
        case 0: note("\(caller): the connection breaks before \(operation)")
        case 1:
            _ = try perform(operation, by: caller)
            note("\(caller): the connection breaks after it")
        default:
            note("\(caller): the connection breaks, \(operation) is under way")
            late.append((now + Time(random.next(below: 30_000_000)), .operation(operation)))
        }
        return nil
    }

    private mutating func perform(_ operation: StoreOperation, by caller: SimulationStep.Caller) throws(Violation)
        -> StoreResult
    {
        // Each operation has an instant of its own.
        now += 1
        let result = store.perform(operation, at: now)
        if keepsTrace {
            trace.append(SimulationStep(at: now, who: caller, what: .operation(operation, result)))
        }
        try checker.check(operation, result, in: store, at: now)
        switch operation {
        case .record: hint()
        case .revive: if result == .held(true) { hint() }
        case .release(_, let delay, _): if delay == 0 { hint() }
        default: break
        }
        return result
    }

    private mutating func hint() {
        for index in daemons.indices where !chance(faults.lostHint) {
            daemons[index].lookAt = min(daemons[index].lookAt, now + 1_000)
        }
    }

    mutating func note(_ text: @autoclosure () -> String) {
        if keepsTrace { trace.append(SimulationStep(at: now, who: nil, what: .note(text()))) }
    }

    // MARK: Chance

    /// - Parameter perMille: of a thousand.
    mutating func chance(_ perMille: UInt64) -> Bool { perMille > 0 && random.next(below: 1000) < perMille }

    /// A span drawn evenly, in milliseconds.
    mutating func span(_ milliseconds: ClosedRange<UInt64>) -> Time {
        let count = milliseconds.upperBound - milliseconds.lowerBound + 1
        return Time(milliseconds.lowerBound + random.next(below: count)) * 1_000
    }

    /// How a daemon's clock runs, in percent: one that takes too long for a second renews too late.
    mutating func drawnPace() -> Time { chance(faults.shiftedClock) ? Time(50 + random.next(below: 450)) : 100 }
}
