import FledgeCore
import FledgeEngine

/// Somebody who applies definitions and steers a use case, and who repeats what did not come through.
struct SimulatedPerson: Sendable {
    let fleet: SimulatedFleet
    let useCase: Int
    let process: SimulatedProcess
    let ports: SimulatedPorts
    let cycles: CycleService

    static func appear(_ useCase: Int, in fleet: SimulatedFleet) {
        let process = SimulatedProcess(fleet.scheduler)
        let ports = SimulatedPorts(fleet: fleet, process: process, caller: .person(useCase))
        let person = SimulatedPerson(
            fleet: fleet, useCase: useCase, process: process, ports: ports, cycles: CycleService(stores: ports))
        fleet.withState { state in
            state.people.append(process)
            state.peopleAtWork += 1
        }
        process.start {
            await person.live()
            fleet.withState { $0.peopleAtWork -= 1 }
        }
    }

    private func live() async {
        var unapplied: SimulatedStore.Definition?
        if fleet.settings.isScripted { unapplied = definition() }
        while !process.isDead {
            do {
                if let definition = unapplied {
                    try await apply(definition)
                    unapplied = nil
                } else if fleet.isCalm || fleet.settings.isScripted {
                    return
                } else {
                    try await process.sleep(for: fleet.scheduler.span(100...12_000))
                    if !fleet.isCalm { unapplied = try await act() }
                }
            } catch {
                if fleet.settings.givesUp, error is SimulatedPorts.Cut, hasCycle { return }
                // The command has failed, so it is given again.
                try? await process.sleep(for: fleet.scheduler.span(50...20_000))
            }
        }
    }

    private var hasCycle: Bool { fleet.withState { $0.store.useCases[useCase].current != nil } }

    private func definition() -> SimulatedStore.Definition {
        let (isFree, needsApproval, priority) = fleet.scheduler.draw { random in
            // Two edits in five ask for no new evidence.
            (random.next(below: 5) < 2, random.next(below: 2) == 0, Int(random.next(below: 3)) * 3)
        }
        let isScripted = fleet.settings.isScripted
        return fleet.withState { state in
            state.definitions += 1
            let evidence = state.store.useCases[useCase].revisions.last?.evidence
            return SimulatedStore.Definition(
                serial: state.definitions, evidence: isFree ? evidence ?? state.definitions : state.definitions,
                needsApproval: needsApproval && !isScripted, priority: priority)
        }
    }

    /// - Returns: a definition that is to be applied.
    private func act() async throws -> SimulatedStore.Definition? {
        let (current, draw, again) = (
            fleet.withState { $0.store.useCases[useCase].current }, fleet.scheduler.draw { $0.next(below: 100) },
            fleet.scheduler.draw { $0.next(below: 100) }
        )
        guard let cycle = current, draw >= 12 else { return definition() }
        if draw < 17 {
            _ = try await ports.call(.moveChampion(useCase: useCase))
            return nil
        }
        // As `ControlService.retryWork`: a blocked cycle's dead work comes back with a retry of the cycle.
        let state = fleet.withState { $0.store.cycles[cycle].state }
        if state.block == nil, again < 33, let dead = deadNotification(of: cycle) {
            _ = try await ports.call(.revive(work: dead))
            return nil
        }
        try await steer(cycle, by: command(for: state))
        return nil
    }

    private func steer(_ cycle: Int, by event: CycleEvent) async throws {
        for _ in 0..<10 {
            do {
                _ = try await cycles.apply(event, to: CycleID(Int64(cycle)), actor: "person")
                return
            } catch let error as FledgeError {
                // Rejected: somebody else was there first, or it made no sense.
                guard error.disposition == .transient, error.code != .workLost else { return }
                try await process.sleep(for: fleet.scheduler.span(5...200))
            }
        }
    }

    private func deadNotification(of cycle: Int) -> Int? {
        fleet.withState { state in
            state.store.work.indices.first {
                state.store.work[$0].cycle == cycle && state.store.work[$0].state == .dead
                    && state.store.actions[$0].kind == .notify
            }
        }
    }

    /// Mostly what makes sense in the state, at times anything.
    private func command(for state: CycleState) -> CycleEvent {
        let draw = fleet.scheduler.draw { $0.next(below: 100) }
        if draw < 60 {
            if state.isPaused { return .resumed }
            if state.block != nil { return .retried }
            if state.activity == .awaitingApproval { return .approvalGiven }
            if state.activity == .live { return .driftSeen("drift") }
        }
        switch draw % 20 {
        case 0..<7: return .paused
        case 7..<11: return .cancelled
        case 11..<14: return .retried
        case 14..<16: return .resumed
        case 16: return .approvalGiven
        case 17: return .approvalRefused(reason: "no")
        case 18: return .driftSeen("drift")
        default: return .retired
        }
    }

    /// As `ControlService.apply`.
    private func apply(_ definition: SimulatedStore.Definition) async throws {
        guard case .applied(let isNew) = try await ports.call(.apply(useCase: useCase, definition)) else { return }
        let bug = fleet.bug
        let isStarting = fleet.withState { state in
            switch state.store.succession(of: useCase) {
            case .open, .adopt: bug != .repeatedApplyIgnored || isNew
            case .start: true
            case .wait, .settled: false
            }
        }
        if isStarting { _ = try await cycles.start(UseCaseID(Int64(useCase)), actor: "person") }
        fleet.expect { (state) throws(SimulationChecker.Violation) in
            try state.checker.checkApplied(useCase, in: state.store)
        }
    }
}
