import FledgeEngine
import Synchronization

/// One process of a story: its tasks run on it, sleep by its clock, stand still with it, and end with it.
final class SimulatedProcess: TaskExecutor {
    typealias Time = SimulatedStore.Time

    /// What a dead process's calls and sleeps come to, so that its tasks unwind without touching anything.
    struct Gone: Error {}

    private struct Sleeper {
        var timer: UInt64
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var isDead = false
        var stalledUntil: Time = 0
        /// When it last went on after it had stood still.
        var wokeAt: Time = 0
        /// What it would do if it did not stand still.
        var held: [UnownedJob] = []
        /// Of its clock, in percent: what it takes for a second is so much longer.
        var pace: Time
        var hasRunSlow: Bool
        var localOrigin: Time
        var origin: Time
        var lastSleeper: UInt64 = 0
        var sleepers: [UInt64: Sleeper] = [:]
        var roots: [Task<Void, Never>] = []
    }

    let scheduler: StoryScheduler
    let number: Int
    private let state: Mutex<State>

    init(_ scheduler: StoryScheduler, pace: Time = 100) {
        self.scheduler = scheduler
        number = scheduler.numberProcess()
        state = Mutex(State(pace: pace, hasRunSlow: pace > 100, localOrigin: scheduler.now, origin: scheduler.now))
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isHeld = state.withLock { state in
            guard !state.isDead, state.stalledUntil > scheduler.now else { return false }
            state.held.append(job)
            return true
        }
        if !isHeld { scheduler.enqueue(job, of: self) }
    }

    // MARK: Life

    var isDead: Bool { state.withLock(\.isDead) }

    /// Since when it has gone on without a break.
    var wokeAt: Time { state.withLock(\.wokeAt) }

    /// Whether its clock ever ran slow: it may have set itself an alarm that goes off late.
    var hasRunSlow: Bool { state.withLock(\.hasRunSlow) }

    func start(_ body: @escaping @Sendable () async -> Void) {
        let root = Task(executorPreference: self, operation: body)
        state.withLock { $0.roots.append(root) }
    }

    /// Asks its tasks to end, as a signal does.
    func shutDown() { for root in state.withLock(\.roots) { root.cancel() } }

    /// Whatever waits in it is over, and it does nothing more.
    func kill() {
        let (roots, sleepers, held) = state.withLock { state in
            defer {
                state.isDead = true
                state.sleepers = [:]
                state.held = []
                state.roots = []
            }
            return (state.roots, state.sleepers, state.held)
        }
        for job in held { scheduler.enqueue(job, of: self) }
        for root in roots { root.cancel() }
        for (_, sleeper) in sleepers.sorted(by: { $0.key < $1.key }) {
            scheduler.cancel(sleeper.timer)
            sleeper.continuation.resume(throwing: Gone())
        }
    }

    /// Stands still until then; its clock goes on.
    func stall(until time: Time) {
        state.withLock { $0.stalledUntil = max($0.stalledUntil, time) }
        scheduler.at(time) { [self] in
            let held = state.withLock { state in
                guard state.stalledUntil <= scheduler.now else { return [] as [UnownedJob] }
                state.wokeAt = scheduler.now
                defer { state.held = [] }
                return state.held
            }
            for job in held { scheduler.enqueue(job, of: self) }
        }
    }

    // MARK: Its clock

    /// Microseconds by its own clock.
    var localTime: Time {
        let now = scheduler.now
        return state.withLock { $0.localOrigin + (now - $0.origin) * 100 / $0.pace }
    }

    func setPace(_ pace: Time) {
        let local = localTime
        let now = scheduler.now
        state.withLock { state in
            state.localOrigin = local
            state.origin = now
            state.pace = pace
            state.hasRunSlow = state.hasRunSlow || pace > 100
        }
    }

    /// - Parameter time: by its own clock.
    /// - Throws: `CancellationError`; `Gone`.
    func sleep(untilLocal time: Time) async throws {
        let wake = state.withLock { $0.origin + ((time - $0.localOrigin) * $0.pace + 99) / 100 }
        try await sleep(until: wake)
    }

    /// - Parameter span: microseconds of the story, whatever its own clock says.
    func sleep(for span: Time) async throws { try await sleep(until: scheduler.now + span) }

    private func sleep(until wake: Time) async throws {
        let id = state.withLock { state in
            state.lastSleeper += 1
            return state.lastSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if isDead { return continuation.resume(throwing: Gone()) }
                if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
                let timer = scheduler.at(wake) { [self] in end(id, with: .success(())) }
                state.withLock { $0.sleepers[id] = Sleeper(timer: timer, continuation: continuation) }
            }
        } onCancel: {
            end(id, with: .failure(CancellationError()))
        }
        // It may have died after it was woken, and before it went on.
        if isDead { throw Gone() }
    }

    private func end(_ id: UInt64, with result: Result<Void, any Error>) {
        guard let sleeper = state.withLock({ $0.sleepers.removeValue(forKey: id) }) else { return }
        scheduler.cancel(sleeper.timer)
        sleeper.continuation.resume(with: result)
    }
}
