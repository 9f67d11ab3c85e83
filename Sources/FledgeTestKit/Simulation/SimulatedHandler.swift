import FledgeCore
import FledgeEngine

/// Does work as real handlers do, but for what it comes to, which is drawn.
struct SimulatedHandler: WorkHandler {
    let fleet: SimulatedFleet
    let process: SimulatedProcess
    let ports: SimulatedPorts

    func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard let action = item.action, let cycle = item.cycle else { return .finished }
        let hold = Hold(item.lease)
        try step(hold)
        if case .train(let attempt) = action {
            let salt = fleet.bug == .intentRenamed ? hold.fence : 0
            try await train(Intent(cycle: cycle.index, attempt: attempt, salt: salt), hold)
            try await work(for: fleet.scheduler.span(500...30_000), hold)
        } else {
            try await work(for: fleet.scheduler.span(fleet.settings.workSpan), hold)
        }
        if fleet.settings.progresses { WorkProgress.current?.note() }
        let isCalm = fleet.isCalm
        let drawn = fleet.scheduler.draw { SimulatedWork.ending(of: action, isCalm: isCalm, &$0) }
        switch fleet.settings.ending?(action, item.lease.fence, fleet.bug) ?? drawn {
        case .finished: return .finished
        case .event(let event): return .event(event)
        case .failed(let mayPass):
            throw mayPass
                ? FledgeError("training.unreachable", "it failed") : FledgeError("training.diverged", "it failed")
        }
    }

    /// A step that a worker takes is one that it has to be allowed to take.
    private func step(_ hold: Hold) throws {
        if process.isDead { throw SimulatedProcess.Gone() }
        let now = fleet.now
        fleet.expect { (state) throws(SimulationChecker.Violation) in
            try state.attempts.checkStep(of: hold, in: process, state.store, at: now)
        }
    }

    private func work(for span: SimulatedStore.Time, _ hold: Hold) async throws {
        for _ in 0..<2 {
            try await process.sleep(for: span / 2)
            try step(hold)
        }
    }

    /// The intent is looked up before it is submitted, and the job written down.
    private func train(_ intent: Intent, _ hold: Hold) async throws {
        _ = try await ports.call(.openJob(intent))
        try step(hold)
        let external: Int
        if let known = fleet.withState({ $0.executor.find(intent) }) {
            external = known
        } else {
            try await process.sleep(for: fleet.scheduler.span(1...100))
            external = try submit(intent)
        }
        _ = try await ports.call(.recordSubmission(intent, external: external))
        try step(hold)
    }

    /// Send, accept and answer are three things, and each may be the last.
    private func submit(_ intent: Intent) throws -> Int {
        if process.isDead { throw SimulatedProcess.Gone() }
        guard fleet.strikes(\.lostCall) else {
            fleet.note("\(ports.caller) submits training \(intent.attempt) of cycle \(intent.cycle)")
            return fleet.accept(intent)
        }
        switch fleet.scheduler.draw({ $0.next(below: 3) }) {
        case 0: fleet.note("\(ports.caller): the submission is lost")
        case 1:
            fleet.note("\(ports.caller): the answer to the submission is lost")
            _ = fleet.accept(intent)
        default:
            fleet.note("\(ports.caller): the submission is under way")
            fleet.later(fleet.scheduler.span(1...30_000)) { [fleet] in
                fleet.note("the executor gets a late submission")
                _ = fleet.accept(intent)
            }
        }
        throw FledgeError("training.unreachable", "no answer")
    }
}

extension SimulatedFleet {
    /// The executor has the job.
    func accept(_ intent: Intent) -> Int {
        var job = 0
        expect { (state) throws(Violation) in job = try state.executor.submit(intent) }
        return job
    }
}
