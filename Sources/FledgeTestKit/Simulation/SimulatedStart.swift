import FledgeCore

/// The opening and the start of a use case's next cycle: two transactions, with whatever comes between.
struct SimulatedStart: Sendable {
    enum Phase: Sendable {
        case open
        case read(Int)
        case record(Move)
    }

    var useCases: [Int]
    var phase = Phase.open
    /// Conflicts so far: a cycle that was ended before it was started has nothing but those.
    var tries = 0

    init(_ useCases: [Int]) { self.useCases = useCases }
}

extension SimulatedFleet {
    /// - Returns: what is left to do; nil when everything is started.
    /// - Parameter isCut: set when a call failed, so that the rest is left for another time.
    mutating func advance(_ start: SimulatedStart, by caller: SimulationStep.Caller, isCut: inout Bool)
        throws(Violation)
        -> SimulatedStart?
    {
        guard let useCase = start.useCases.first else { return nil }
        var next = start
        switch start.phase {
        case .open:
            switch try call(.openCycle(useCase: useCase), by: caller) {
            case .opened(let cycle)?: next.phase = .read(cycle)
            default:
                isCut = true
                return nil
            }
        case .read(let cycle):
            // Another has started it, or it was kept.
            if store.cycles[cycle].state == .new, let move = move(cycle, by: .started) {
                next.phase = .record(move)
            } else {
                next = SimulatedStart(Array(start.useCases.dropFirst()))
            }
        case .record(let move):
            switch try call(.record(move, finishing: nil), by: caller) {
            case .done?: next = SimulatedStart(Array(start.useCases.dropFirst()))
            case .conflict? where start.tries < 10:
                next.tries += 1
                next.phase = .read(move.cycle)
            default:
                isCut = true
                return nil
            }
        }
        return next.useCases.isEmpty ? nil : next
    }

    /// One turn of a daemon's scheduler: it looks which use cases wait for their next cycle, and starts them.
    mutating func schedule(_ daemon: Int) throws(Violation) {
        var isCut = false
        if chance(faults.crash) {
            note("\(SimulationStep.Caller.daemon(daemon)) is killed")
            daemons[daemon] = SimulatedDaemon(startedAt: now + span(500...5_000), pace: drawnPace())
            return
        }
        if let start = daemons[daemon].starting {
            daemons[daemon].starting = try advance(start, by: .daemon(daemon), isCut: &isCut)
        } else {
            let waiting = store.waitingUseCases()
            if !waiting.isEmpty { daemons[daemon].starting = SimulatedStart(waiting) }
        }
        let isBusy = daemons[daemon].starting != nil
        daemons[daemon].scheduleAt = now + (isBusy ? span(1...40) : settings.scheduleInterval + span(0...100))
    }
}
