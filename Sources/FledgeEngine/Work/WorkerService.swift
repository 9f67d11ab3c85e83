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
        /// When work is tried again whose model server or executor is away; how often is the work's own.
        package var retries = RetryPolicy.work

        package init() {}
    }

    private let worker: String
    private let host: String
    private let processID: Int32
    private let settings: Settings
    private let queue: any LeaseQueue
    private let handlers: [CycleAction.Kind: any WorkHandler]
    private let recorder: WorkRecorder
    private let runtime: EngineRuntime
    private let logger: Logger
    package let pulse = Pulse()
    /// What the queue said at the last look: whether this worker is to make itself free for work that is done alone.
    private let mustFreeItself = Shared(false)
    /// Whether the piece that is done alone has gone on for long enough.
    private let isProven = Shared(false)

    package init(
        worker: String, host: String, processID: Int32, settings: Settings, queue: any LeaseQueue,
        cycles: CycleService, handlers: [CycleAction.Kind: any WorkHandler], runtime: EngineRuntime = EngineRuntime(),
        logger: Logger
    ) {
        self.worker = worker
        self.host = host
        self.processID = processID
        self.settings = settings
        self.queue = queue
        self.handlers = handlers
        self.runtime = runtime
        recorder = WorkRecorder(
            queue: queue, cycles: cycles, retries: settings.retries, runtime: runtime, logger: logger)
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await loop()
        }
    }

    private struct Claim: Sendable {
        var items: [WorkItem]
        var term: LeaseTerm
    }

    private enum Signal: Sendable {
        case workDone, look, stopped
        case claimed(Claim)
    }

    /// Works until it is cancelled, and has given back by then what it had begun.
    ///
    /// One group: the pieces of work, a claim for more of them, and the two things that ask for it (a hint, or the time).
    package func loop() async {
        await withTaskGroup(of: Signal.self) { group in
            var pacing = ClaimPacing(places: settings.concurrency)
            let ticks = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
            group.addTask { await hear(ticks.continuation) }
            group.addTask { await poll(ticks.continuation) }
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
                switch signal {
                case .workDone: pacing.finished()
                case .look:
                    pacing.look()
                    pacing.isFreeingItself = mustFreeItself.withLock { $0 }
                    if isProven.withLock({ $0 }) {
                        isProven.withLock { $0 = false }
                        pacing.proven()
                    }
                    if !Task.isCancelled { waitForTick() }
                case .claimed(let claim) where Task.isCancelled:
                    await giveBack(claim.items)
                case .claimed(let claim):
                    pacing.claimed(claim.items.count, alone: claim.items.contains(where: \.isSuspect))
                    for item in claim.items {
                        group.addTask {
                            await perform(item, term: claim.term)
                            return .workDone
                        }
                    }
                case .stopped: break
                }
                if Task.isCancelled {
                    group.cancelAll()
                } else if let limit = pacing.next() {
                    // What has been claimed must come back to be given back: a shutdown does not cut a claim off.
                    let isIdle = pacing.isIdle
                    group.addTask { .claimed(await runtime.uncancelled { await claim(limit, isIdle: isIdle) }) }
                }
            }
        }
    }

    private func hear(_ ticks: AsyncStream<Void>.Continuation) async -> Signal {
        for await _ in await queue.hints() { ticks.yield() }
        return .stopped
    }

    /// Hints may be lost: the time is what makes sure.
    private func poll(_ ticks: AsyncStream<Void>.Continuation) async -> Signal {
        while !Task.isCancelled {
            do {
                try await queue.beat(worker: worker, host: host, processID: processID)
                pulse.beat()
                let mustFreeItself = try await queue.hasToFreeItself(worker: worker)
                self.mustFreeItself.withLock { $0 = mustFreeItself }
            } catch { EngineMetrics.workerLooked(isOK: false) }
            ticks.yield()
            let jitter = runtime.random(0.8...1.2)
            try? await runtime.clock.sleep(for: settings.pollInterval * jitter)
        }
        ticks.finish()
        return .stopped
    }

    private func claim(_ limit: Int, isIdle: Bool) async -> Claim {
        let term = LeaseTerm(length: settings.lease, asked: runtime.clock.now)
        do {
            CrashPoint.beforeClaim.reached()
            let items = try await queue.claim(limit: limit, worker: worker, lease: settings.lease, isIdle: isIdle)
            if !items.isEmpty { CrashPoint.claimed.reached() }
            pulse.beat()
            EngineMetrics.workerLooked(isOK: true)
            EngineMetrics.workClaimed(items)
            return Claim(items: items, term: term)
        } catch {
            // The database is away: the next tick tries again.
            EngineMetrics.workerLooked(isOK: false)
            logger.warning("cannot claim work", metadata: ["error": "\(error)"])
            return Claim(items: [], term: term)
        }
    }

    private func giveBack(_ items: [WorkItem]) async {
        await runtime.uncancelled { for item in items { await recorder.record(item, .stopped) } }
    }

    private func perform(_ item: WorkItem, term: LeaseTerm) async {
        logger.debug("work begins", metadata: item.metadata())
        let attempt = WorkAttempt(item: item, handler: handlers[item.kind], queue: queue, term: term, runtime: runtime)
        { [isProven] in
            isProven.withLock { $0 = true }
        }
        let start = runtime.clock.now
        let ending = await EngineTracing.work(item) { await attempt.run() }
        EngineMetrics.workEnded(item.kind, outcome: ending.name, after: start.duration(to: runtime.clock.now))
        // Whatever happens now is bookkeeping that must not be cut off by the shutdown that may have ended the work.
        await runtime.uncancelled { await recorder.record(item, ending) }
    }
}
