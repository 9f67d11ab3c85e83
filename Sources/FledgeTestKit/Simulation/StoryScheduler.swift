import FledgeCore
import Synchronization

/// Runs the tasks of a story, one job after the other on the thread that calls it, in an order that the seed draws.
///
/// Its clock stands still while anything can run, and goes on to the next timer when nothing can: a story of hours takes
/// milliseconds, and the same seed tells it the same way. Times are in microseconds.
final class StoryScheduler: Sendable {
    typealias Time = SimulatedStore.Time
    typealias Action = @Sendable () -> Void

    private struct Job {
        var job: UnownedJob
        var process: SimulatedProcess
    }

    private struct Timer {
        var at: Time
        var id: UInt64
    }

    private struct State {
        var now: Time = 0
        var random: SplitMix64
        var jobs: [Job] = []
        /// A binary heap, the earliest first; of equals the one that was set first.
        var timers: [Timer] = []
        var actions: [UInt64: Action] = [:]
        var lastTimer: UInt64 = 0
        var isStopped = false
        var processes = 0
    }

    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(random: SplitMix64(seed: seed))) }

    var now: Time { state.withLock(\.now) }

    /// A number that no other process of the story has.
    func numberProcess() -> Int {
        state.withLock { state in
            state.processes += 1
            return state.processes
        }
    }

    // MARK: Chance

    func draw<Value: Sendable>(_ body: (inout SplitMix64) -> Value) -> Value { state.withLock { body(&$0.random) } }

    /// - Parameter perMille: of a thousand.
    func chance(_ perMille: UInt64) -> Bool { perMille > 0 && draw { $0.next(below: 1000) } < perMille }

    /// A span drawn evenly, in milliseconds.
    func span(_ milliseconds: ClosedRange<UInt64>) -> Time {
        let count = (milliseconds.upperBound - milliseconds.lowerBound) * 1_000 + 1
        return Time(milliseconds.lowerBound * 1_000 + draw { $0.next(below: count) })
    }

    // MARK: Timers

    /// - Returns: what `cancel` takes.
    @discardableResult
    func at(_ time: Time, _ action: @escaping Action) -> UInt64 {
        state.withLock { state in
            state.lastTimer += 1
            state.actions[state.lastTimer] = action
            state.timers.append(Timer(at: max(time, state.now), id: state.lastTimer))
            Self.rise(&state.timers)
            return state.lastTimer
        }
    }

    /// - Returns: what would have been done; nil when it is done, or cancelled, already.
    @discardableResult
    func cancel(_ timer: UInt64) -> Action? { state.withLock { $0.actions.removeValue(forKey: timer) } }

    /// Each of the store's operations has an instant of its own.
    func passInstant() -> Time {
        state.withLock { state in
            state.now += 1
            return state.now
        }
    }

    // MARK: Running

    func enqueue(_ job: UnownedJob, of process: SimulatedProcess) {
        state.withLock { $0.jobs.append(Job(job: job, process: process)) }
    }

    /// What was to happen does not.
    func forgetTimers() {
        state.withLock { state in
            state.timers = []
            state.actions = [:]
        }
    }

    /// No more is run, of jobs or of timers.
    func stop() { state.withLock { $0.isStopped = true } }

    /// Runs until it is stopped, or nothing is left that could be run.
    func run() {
        state.withLock { $0.isStopped = false }
        while true {
            if let next = takeJob() {
                next.job.runSynchronously(on: next.process.asUnownedTaskExecutor())
            } else if let action = takeTimer() {
                action()
            } else {
                return
            }
        }
    }

    private func takeJob() -> Job? {
        state.withLock { state in
            guard !state.isStopped, !state.jobs.isEmpty else { return nil }
            if state.jobs.count > 1 {
                let index = Int(state.random.next(below: UInt64(state.jobs.count)))
                state.jobs.swapAt(index, state.jobs.count - 1)
            }
            return state.jobs.removeLast()
        }
    }

    private func takeTimer() -> Action? {
        state.withLock { state in
            while !state.isStopped, let next = state.timers.first {
                Self.removeFirst(&state.timers)
                guard let action = state.actions.removeValue(forKey: next.id) else { continue }
                state.now = max(state.now, next.at)
                return action
            }
            return nil
        }
    }

    // MARK: The heap

    private static func isBefore(_ left: Timer, _ right: Timer) -> Bool { (left.at, left.id) < (right.at, right.id) }

    private static func rise(_ timers: inout [Timer]) {
        var child = timers.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBefore(timers[child], timers[parent]) else { return }
            timers.swapAt(child, parent)
            child = parent
        }
    }

    private static func removeFirst(_ timers: inout [Timer]) {
        timers.swapAt(0, timers.count - 1)
        timers.removeLast()
        var parent = 0
        while true {
            var first = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < timers.count {
                if isBefore(timers[child], timers[first]) { first = child }
            }
            guard first != parent else { return }
            timers.swapAt(first, parent)
            parent = first
        }
    }
}
