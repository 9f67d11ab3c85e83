import FledgeCore

/// One daemon of the fleet: its worker with the work in its hands, and its scheduler.
struct SimulatedDaemon: Sendable {
    typealias Time = SimulatedStore.Time

    /// A piece of work on its way from the claim to the settlement.
    struct Piece: Sendable {
        enum Phase: Sendable {
            case begin
            case openJob(Intent)
            case findJob(Intent)
            case submit(Intent)
            case recordSubmission(Intent, external: Int)
            case follow
            /// The cycle is read, and the event worked out on what was read.
            case settle(SimulatedWork.Ending)
            case write(StoreOperation, of: SimulatedWork.Ending)
        }

        var hold: Hold
        var cycle: Int
        var action: CycleAction
        var attempt: Int
        var phase = Phase.begin
        var at: Time
        var renewAt: Time
        var tries = 0
    }

    var lookAt: Time
    var scheduleAt: Time
    var pieces: [Piece] = []
    var starting: SimulatedStart?
    var stalledUntil: Time = 0
    /// Of its clock, in percent.
    var pace: Time

    init(startedAt time: Time, pace: Time) {
        lookAt = time
        scheduleAt = time
        self.pace = pace
    }

    func wakes(at time: Time) -> Time { max(time, stalledUntil) }
}

extension SimulatedFleet {
    /// A daemon may be killed or held up before each of its turns.
    private mutating func survives(_ daemon: Int) -> Bool {
        if chance(faults.crash) {
            note("\(SimulationStep.Caller.daemon(daemon)) is killed")
            daemons[daemon] = SimulatedDaemon(startedAt: now + span(500...5_000), pace: drawnPace())
            return false
        }
        if chance(faults.stall) {
            note("\(SimulationStep.Caller.daemon(daemon)) stands still")
            daemons[daemon].stalledUntil = now + span(1_000...60_000)
            return false
        }
        return true
    }

    // MARK: Claiming

    mutating func look(_ daemon: Int) throws(Violation) {
        guard survives(daemon) else { return }
        daemons[daemon].lookAt =
            bug == .hintTrusted ? .max : now + settings.pollInterval * 8 / 10 + span(0...800)
        let free = settings.places - daemons[daemon].pieces.count
        guard free > 0 else { return }
        guard case .claimed(let claimed)? = try call(.claim(limit: free, lease: settings.lease), by: .daemon(daemon))
        else { return }
        for work in claimed {
            daemons[daemon].pieces.append(
                .init(
                    hold: work.hold, cycle: work.cycle, action: work.action, attempt: work.attempt,
                    at: now + span(1...50), renewAt: now + renewalPause(daemon)))
        }
    }

    private func renewalPause(_ daemon: Int) -> Time { settings.lease / 3 * daemons[daemon].pace / 100 }

    mutating func renew(_ daemon: Int, _ index: Int) throws(Violation) {
        guard survives(daemon) else { return }
        let piece = daemons[daemon].pieces[index]
        daemons[daemon].pieces[index].renewAt = now + renewalPause(daemon)
        let result = try call(.renew(piece.hold, lease: settings.lease), by: .daemon(daemon))
        // The handler is stopped, but for a settlement that is under way: the fence decides over that one.
        guard result == .held(false) else { return }
        switch piece.phase {
        case .settle, .write: break
        default:
            daemons[daemon].pieces[index].phase = .settle(.lost)
            daemons[daemon].pieces[index].at = now + span(1...20)
        }
    }

    // MARK: One piece of work

    mutating func advance(_ daemon: Int, _ index: Int) throws(Violation) {
        guard survives(daemon) else { return }
        var piece = daemons[daemon].pieces[index]
        switch try next(of: &piece, daemon) {
        case .some(let pause):
            piece.at = now + pause
            daemons[daemon].pieces[index] = piece
        case nil:
            daemons[daemon].pieces.remove(at: index)
            if bug != .hintTrusted { daemons[daemon].lookAt = min(daemons[daemon].lookAt, now + 1_000) }
        }
    }

    /// - Returns: the pause until the next turn; nil when the piece is settled or given up.
    private mutating func next(of piece: inout SimulatedDaemon.Piece, _ daemon: Int) throws(Violation) -> Time? {
        switch piece.phase {
        case .begin: return try begin(&piece)
        case .openJob(let intent):
            let isOpen = try call(.openJob(intent), by: .daemon(daemon)) != nil
            piece.phase = isOpen ? .findJob(intent) : .settle(.failed(mayPass: true))
        case .findJob(let intent):
            piece.phase = executor.find(intent).map { .recordSubmission(intent, external: $0) } ?? .submit(intent)
        case .submit(let intent): try submit(intent, &piece, daemon)
        case .recordSubmission(let intent, let external):
            let isDone = try call(.recordSubmission(intent, external: external), by: .daemon(daemon)) != nil
            piece.phase = isDone ? .follow : .settle(.failed(mayPass: true))
        case .follow:
            piece.phase = .settle(SimulatedWork.ending(of: piece.action, isCalm: isCalm, &random))
            return span(500...30_000)
        case .settle(let ending): return settle(&piece, ending)
        case .write(let operation, let ending): return try write(&piece, operation, of: ending, daemon)
        }
        return span(1...100)
    }

    private mutating func begin(_ piece: inout SimulatedDaemon.Piece) throws(Violation) -> Time {
        if piece.attempt > SimulatedStore.maximumAttempts {
            guard bug != .attemptsUnbounded else {
                throw Violation(
                    promise: .attemptsBounded, what: "work \(piece.hold.work) begins a \(piece.attempt)th time")
            }
            piece.phase = .settle(.failed(mayPass: false))
            return span(1...10)
        }
        if case .train(let attempt) = piece.action {
            let salt = bug == .intentRenamed ? piece.hold.fence : 0
            piece.phase = .openJob(Intent(cycle: piece.cycle, attempt: attempt, salt: salt))
            return span(1...200)
        }
        piece.phase = .settle(SimulatedWork.ending(of: piece.action, isCalm: isCalm, &random))
        return span(10...8_000)
    }

    /// Send, accept and answer are three things, and each may be the last.
    private mutating func submit(_ intent: Intent, _ piece: inout SimulatedDaemon.Piece, _ daemon: Int)
        throws(Violation)
    {
        if chance(faults.lostCall) {
            switch random.next(below: 3) {
            case 0: note("\(SimulationStep.Caller.daemon(daemon)): the submission is lost")
            case 1:
                note("\(SimulationStep.Caller.daemon(daemon)): the answer to the submission is lost")
                _ = try executor.submit(intent)
            default:
                note("\(SimulationStep.Caller.daemon(daemon)): the submission is under way")
                late.append((now + span(1...30_000), .submission(intent)))
            }
            piece.phase = .settle(.failed(mayPass: true))
        } else {
            note("\(SimulationStep.Caller.daemon(daemon)) submits training \(intent.attempt) of cycle \(intent.cycle)")
            piece.phase = .recordSubmission(intent, external: try executor.submit(intent))
        }
    }

    // MARK: Settlement

    private mutating func settle(_ piece: inout SimulatedDaemon.Piece, _ ending: SimulatedWork.Ending) -> Time {
        let operation: StoreOperation
        switch ending {
        case .finished: operation = .finish(piece.hold)
        case .lost: operation = .release(piece.hold, after: 0, countsAsAttempt: false)
        case .failed(mayPass: true) where piece.attempt < SimulatedStore.maximumAttempts:
            let bound = RetryPolicy.work.bound(afterAttempt: piece.attempt) / .milliseconds(1)
            operation = .release(piece.hold, after: span(0...UInt64(bound)), countsAsAttempt: true)
        case .failed:
            // A cycle does not wait for its notifications.
            if piece.action.kind == .notify, bug != .notificationBlocks {
                operation = .bury(piece.hold)
            } else {
                operation = record(.workFailed(code: "work.failed", message: "it failed"), of: piece)
            }
        case .event(let event): operation = record(event, of: piece)
        }
        piece.phase = .write(operation, of: ending)
        return span(1...30)
    }

    /// The transition, or the burial of work whose event the cycle does not take any more.
    private func record(_ event: CycleEvent, of piece: SimulatedDaemon.Piece) -> StoreOperation {
        guard let move = move(piece.cycle, by: event) else { return .bury(piece.hold) }
        return .record(move, finishing: piece.hold)
    }

    /// What the machine makes of the event in the cycle's present state; nil when it rejects it.
    func move(_ cycle: Int, by event: CycleEvent) -> Move? {
        let row = store.cycles[cycle]
        var machine = CycleMachine(state: row.state, needsApproval: row.definition.needsApproval)
        guard let changes = try? machine.handle(event) else { return nil }
        return Move(
            cycle: cycle, version: row.version, from: row.state, event: event, to: machine.state, changes: changes)
    }

    private mutating func write(
        _ piece: inout SimulatedDaemon.Piece, _ operation: StoreOperation, of ending: SimulatedWork.Ending,
        _ daemon: Int
    ) throws(Violation) -> Time? {
        switch try call(operation, by: .daemon(daemon)) {
        case .conflict?:
            piece.tries += 1
            guard piece.tries < 12 else { return nil }
            piece.phase = .settle(ending)
            return span(1...20)
        case nil:
            // Told again: if it was heard the first time, the fence says so.
            piece.tries += 1
            guard piece.tries < 12 else { return nil }
            piece.phase = .settle(ending)
            return span(50...5_000)
        default: return nil
        }
    }
}
