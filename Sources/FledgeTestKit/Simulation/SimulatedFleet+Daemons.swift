import FledgeCore
import FledgeEngine
import Logging

extension SimulatedFleet {
    private static let logger: Logger = {
        var logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        return logger
    }()

    /// One daemon as `OrchestratorServices` puts it together, but for its handlers.
    func launch(_ index: Int) {
        let process = SimulatedProcess(scheduler, pace: drawnPace())
        let ports = SimulatedPorts(fleet: self, process: process, caller: .daemon(index))
        let runtime = EngineRuntime(
            clock: SimulatedClock(process: process),
            random: { [scheduler] range in
                range.lowerBound + (range.upperBound - range.lowerBound) * scheduler.draw { $0.nextUnit() }
            }, executor: process)
        let cycles = CycleService(stores: ports)
        let isDeaf = bug == .hintTrusted || bug == .listenerGone
        var settings = WorkerService.Settings()
        settings.lease = .microseconds(self.settings.lease)
        settings.pollInterval = isDeaf ? .seconds(1_000_000) : .microseconds(self.settings.pollInterval)
        settings.concurrency = self.settings.places
        let handler = SimulatedHandler(fleet: self, process: process, ports: ports)
        let worker = WorkerService(
            worker: "daemon-\(index)", host: "story", processID: Int32(index), settings: settings, queue: ports,
            cycles: cycles,
            handlers: Dictionary(
                uniqueKeysWithValues: CycleAction.Kind.allCases.map { ($0, handler as any WorkHandler) }),
            runtime: runtime, logger: Self.logger)
        let watch = Scheduler(
            stores: ports, cycles: cycles, interval: .microseconds(self.settings.scheduleInterval), runtime: runtime,
            logger: Self.logger)
        let isLeader = bug != .leaderFiresAlone || index == 0
        withState { state in
            state.daemons[index] = Daemon(process: process)
            if bug == .slotForgotten { state.schedules.forget() }
        }
        process.start { [self] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await worker.loop() }
                if isLeader { group.addTask { await watch.loop() } }
            }
            ended(index, process)
        }
    }

    /// How a daemon's clock runs, in percent: one that takes too long for a second renews too late.
    private func drawnPace() -> Time {
        strikes(\.shiftedClock) ? Time(50 + scheduler.draw { $0.next(below: 450) }) : 100
    }

    /// Between two of its calls a daemon may be killed, asked to end, or held up.
    ///
    /// - Throws: `SimulatedProcess.Gone`.
    func survive(_ index: Int, _ process: SimulatedProcess) throws {
        if process.isDead { throw SimulatedProcess.Gone() }
        if strikes(\.crash) {
            crash(index)
            throw SimulatedProcess.Gone()
        }
        if strikes(\.shutdown) { shutDown(index) }
        if strikes(\.stall) {
            note("\(SimulationStep.Caller.daemon(index)) stands still")
            process.stall(until: now + scheduler.span(1_000...60_000))
        }
    }

    /// - Parameter outage: how long it is gone for; nil for a few seconds.
    func crash(_ index: Int, outage: Time? = nil) {
        note("\(SimulationStep.Caller.daemon(index)) is killed")
        withState { state -> SimulatedProcess? in
            defer { state.daemons[index] = Daemon() }
            return state.daemons[index].process
        }?.kill()
        restart(index, after: outage)
    }

    func shutDown(_ index: Int) {
        let process = withState { state -> SimulatedProcess? in
            guard !state.daemons[index].isStopping else { return nil }
            state.daemons[index].isStopping = true
            return state.daemons[index].process
        }
        guard let process else { return }
        note("\(SimulationStep.Caller.daemon(index)) is asked to end")
        process.shutDown()
    }

    func happen(_ incident: SimulationSettings.Incident) {
        guard let process = withState({ $0.daemons[incident.daemon].process }) else {
            // It is down, and meets with it as soon as it is up again.
            if !isCalm { scheduler.at(now + 100_000) { [self] in happen(incident) } }
            return
        }
        switch incident.what {
        case .crash: crash(incident.daemon)
        case .outage(let span): crash(incident.daemon, outage: span)
        case .shutdown: shutDown(incident.daemon)
        case .cutOff(let span):
            note("\(SimulationStep.Caller.daemon(incident.daemon)) is cut off")
            withState { $0.daemons[incident.daemon].cutOffUntil = now + span }
        case .stall(let span):
            note("\(SimulationStep.Caller.daemon(incident.daemon)) stands still")
            process.stall(until: now + span)
        }
    }

    private func restart(_ index: Int, after outage: Time? = nil) {
        if bug == .leaderFiresAlone, index == 0 { return }
        scheduler.at(now + (outage ?? scheduler.span(500...5_000))) { [self] in launch(index) }
    }

    /// A daemon that was asked to end has ended: what it had in its hands is back in the queue.
    private func ended(_ index: Int, _ process: SimulatedProcess) {
        guard !process.isDead else { return }
        note("\(SimulationStep.Caller.daemon(index)) has ended")
        expect { (state) throws(Violation) in
            state.daemons[index] = Daemon()
            try state.attempts.checkEnd(of: process, in: state.store)
        }
        process.kill()
        restart(index)
    }
}
