import FledgeCore
import Logging
import ServiceLifecycle

/// Claims due work and has it done, a bounded number of pieces at once.
package struct WorkerService: Service {
    package struct Settings: Sendable {
        /// How long a claim holds without a sign of life: after a crash, work is taken up again that much later.
        package var lease: Duration = .seconds(15)
        /// How often the queue is looked at when no hint comes.
        package var pollInterval: Duration = .seconds(2)
        package var concurrency = 4

        package init() {}
    }

    private let worker: String
    private let host: String
    private let processID: Int32
    private let settings: Settings
    private let queue: any WorkQueue
    private let cycles: CycleService
    private let handlers: [CycleAction.Kind: any WorkHandler]
    private let logger: Logger
    package let pulse = Pulse()

    package init(
        worker: String, host: String, processID: Int32, settings: Settings, queue: any WorkQueue, cycles: CycleService,
        handlers: [CycleAction.Kind: any WorkHandler], logger: Logger
    ) {
        self.worker = worker
        self.host = host
        self.processID = processID
        self.settings = settings
        self.queue = queue
        self.cycles = cycles
        self.handlers = handlers
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await loop()
        }
    }

    private enum Signal { case workDone, look, stopped }

    /// One group: the pieces of work, and the two things that make it look for more (a hint, or the time).
    private func loop() async {
        await withTaskGroup(of: Signal.self) { group in
            var running = 0
            let ticks = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
            group.addTask {
                for await _ in await queue.hints() { ticks.continuation.yield() }
                return .stopped
            }
            group.addTask {
                while !Task.isCancelled {
                    ticks.continuation.yield()
                    let jitter = Double.random(in: 0.8...1.2)
                    try? await Task.sleep(for: settings.pollInterval * jitter)
                }
                ticks.continuation.finish()
                return .stopped
            }
            let stream = ticks.stream
            func waitForTick() {
                group.addTask {
                    var iterator = stream.makeAsyncIterator()
                    _ = await iterator.next()
                    return .look
                }
            }
            waitForTick()
            while let signal = await group.next() {
                if Task.isCancelled { break }
                switch signal {
                case .workDone: running -= 1
                case .look: waitForTick()
                case .stopped: continue
                }
                for item in await claim(settings.concurrency - running) {
                    running += 1
                    group.addTask {
                        await perform(item)
                        return .workDone
                    }
                }
            }
            group.cancelAll()
        }
    }

    private func claim(_ limit: Int) async -> [WorkItem] {
        do {
            try await queue.beat(worker: worker, host: host, processID: processID)
            pulse.beat()
            EngineMetrics.workerLooked(isOK: true)
            guard limit > 0 else { return [] }
            let claimed = try await queue.claim(limit: limit, worker: worker, lease: settings.lease)
            EngineMetrics.workClaimed(claimed)
            return claimed
        } catch {
            // The database is away: the next tick tries again.
            EngineMetrics.workerLooked(isOK: false)
            if !Task.isCancelled { logger.warning("cannot claim work", metadata: ["error": "\(error)"]) }
            return []
        }
    }

    // MARK: One piece of work

    private enum Ending {
        case outcome(WorkOutcome)
        case lost
        case stopped
        case failed(FledgeError)

        /// What metrics call it.
        var name: String {
            switch self {
            case .outcome: "finished"
            case .lost: "lost"
            case .stopped: "stopped"
            case .failed: "failed"
            }
        }
    }

    private func perform(_ item: WorkItem) async {
        logger.debug("work begins", metadata: metadata(of: item))
        let start = ContinuousClock.now
        let ending = await endingOfHandling(item)
        EngineMetrics.workEnded(item.kind, outcome: ending.name, after: start.duration(to: .now))
        // Whatever happens now is bookkeeping that must not be cut off by the shutdown that may have ended the work.
        await Task { await settle(item, ending) }.value
    }

    /// Runs the handler beside the heartbeat that keeps the lease.
    private func endingOfHandling(_ item: WorkItem) async -> Ending {
        guard let handler = handlers[item.kind] else {
            return .failed(FledgeError("work.unknown_kind", "no handler for \(item.kind.rawValue)"))
        }
        return await withTaskGroup(of: Ending?.self) { group in
            group.addTask {
                do {
                    return .outcome(try await handler.handle(item))
                } catch is CancellationError {
                    return nil
                } catch let error as FledgeError {
                    return Task.isCancelled ? nil : .failed(error)
                } catch {
                    return Task.isCancelled ? nil : .failed(FledgeError("work.failed", "\(error)", exitCode: .tryAgain))
                }
            }
            group.addTask {
                while true {
                    do { try await Task.sleep(for: settings.lease / 3) } catch { return nil }
                    let isHeld = try? await queue.renew(item.lease, for: settings.lease)
                    if isHeld == false { return .lost }
                }
            }
            var ending: Ending?
            for await finished in group {
                if let finished, ending == nil { ending = finished }
                group.cancelAll()
            }
            return ending ?? .stopped
        }
    }

    private func settle(_ item: WorkItem, _ ending: Ending) async {
        do {
            switch ending {
            case .outcome(.finished): try await queue.finish(item.lease)
            case .outcome(.event(let event)): try await record(event, of: item)
            case .lost:
                // Cancelled, paused or claimed by another: a paused piece goes back to the queue, the others are gone.
                try? await queue.release(item.lease, after: .zero, countsAsAttempt: false, error: nil)
            case .stopped:
                try await queue.release(item.lease, after: .zero, countsAsAttempt: false, error: nil)
            case .failed(let error): try await recordFailure(error, of: item)
            }
        } catch let error as FledgeError where error.code == "work.lost" {
            logger.info("work was taken over", metadata: metadata(of: item))
        } catch {
            // The lease runs out and the work is claimed again: nothing is lost, some of it is repeated.
            logger.warning("cannot settle work", metadata: metadata(of: item, error: error))
        }
    }

    private func record(_ event: CycleEvent, of item: WorkItem) async throws {
        guard let cycle = item.cycle else { return try await queue.finish(item.lease) }
        let state = try await cycles.apply(event, to: cycle, actor: "fledged", finishing: item.lease)
        logger.info(
            "transition",
            metadata: [
                "cycle": "\(cycle)", "event": "\(event.kind.rawValue)", "stage": "\(state.stage.rawValue)",
                "activity": "\(state.activity.rawValue)",
            ])
    }

    private func recordFailure(_ error: FledgeError, of item: WorkItem) async throws {
        let mayTryAgain = [.tryAgain, .unavailable].contains(error.exitCode)
        if mayTryAgain, item.attempt < item.maximumAttempts {
            logger.warning("work failed and is tried again", metadata: metadata(of: item, error: error))
            let backoff = Duration.seconds(min(60, 1 << min(item.attempt, 6)))
            return try await queue.release(item.lease, after: backoff, countsAsAttempt: true, error: error)
        }
        logger.error("work failed", metadata: metadata(of: item, error: error))
        guard item.cycle != nil else { return try await queue.finish(item.lease) }
        try await record(.workFailed(code: error.code.rawValue, message: error.message), of: item)
    }

    private func metadata(of item: WorkItem, error: (any Error)? = nil) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "work": "\(item.lease.item)", "kind": "\(item.kind.rawValue)", "attempt": "\(item.attempt)",
        ]
        if let cycle = item.cycle { metadata["cycle"] = "\(cycle)" }
        if let error { metadata["error"] = "\(error)" }
        return metadata
    }
}
