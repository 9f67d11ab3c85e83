import Synchronization

/// How many calls may be in flight at a server, and how fast they may begin.
///
/// The number grows by one each round of successes, and halves when the server says that it is too much. While the server
/// takes no more calls for a time, one of them tries and the others wait (see ``RatePace``).
package final class AdaptiveLimit: Sendable {
    /// The time, and waiting for it: tests bring their own.
    package struct Clock: Sendable {
        package var now: @Sendable () -> ContinuousClock.Instant
        package var sleep: @Sendable (Duration) async throws -> Void

        package init(
            now: @escaping @Sendable () -> ContinuousClock.Instant,
            sleep: @escaping @Sendable (Duration) async throws -> Void
        ) {
            self.now = now
            self.sleep = sleep
        }

        package static let system = Clock(now: { .now }, sleep: { try await Task.sleep(for: $0) })
    }

    /// A call that has begun.
    package struct Ticket: Sendable {
        fileprivate var begun: ContinuousClock.Instant
        fileprivate var generation: Int
    }

    private struct State {
        var limit: Double
        var inFlight = 0
        var nextID: UInt64 = 0
        var waiters: [(id: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
        var pace = RatePace()

        /// One call tries while the server takes no more.
        var places: Int { pace.isPaused ? 1 : Int(limit) }

        mutating func admit() -> [CheckedContinuation<Void, any Error>] {
            var admitted: [CheckedContinuation<Void, any Error>] = []
            while inFlight < places, !waiters.isEmpty {
                admitted.append(waiters.removeFirst().continuation)
                inFlight += 1
            }
            return admitted
        }
    }

    private let maximum: Double
    private let clock: Clock
    private let state: Mutex<State>

    package init(initial: Int, maximum: Int, clock: Clock = .system) {
        self.maximum = Double(max(1, maximum))
        self.clock = clock
        state = Mutex(State(limit: Double(max(1, min(initial, maximum)))))
    }

    package var current: Int { state.withLock { Int($0.limit) } }

    /// Waits for a place and for the moment to begin. The ticket has to be given back with `release`.
    package func acquire() async throws -> Ticket {
        while true {
            try await place()
            while true {
                let now = clock.now()
                let (wait, ticket) = state.withLock { state -> (Duration?, Ticket?) in
                    // The server has begun to refuse meanwhile, and another call tries.
                    if state.pace.isPaused, state.inFlight > 1 { return (nil, nil) }
                    if let wait = state.pace.wait(at: now) { return (wait, nil) }
                    state.pace.begin(at: now)
                    return (nil, Ticket(begun: now, generation: state.pace.generation))
                }
                if let ticket { return ticket }
                guard let wait else { break }
                do { try await clock.sleep(wait) } catch {
                    giveBack()
                    throw error
                }
            }
            giveBack()
        }
    }

    package enum Outcome: Sendable {
        case success, overloaded, other
        /// The server took the call, and had no answer for it.
        case taken
        /// The server takes only so many calls in a time, and asks to be left alone for so long, or doesn't say.
        case rateLimited(Duration?)
    }

    package func release(_ ticket: Ticket, _ outcome: Outcome) {
        let now = clock.now()
        let jitter = Double.random(in: 0...1)
        let admitted = state.withLock { state in
            state.inFlight -= 1
            switch outcome {
            case .success:
                state.limit = min(maximum, state.limit + 1 / state.limit)
                state.pace.succeeded(begun: ticket.begun, generation: ticket.generation, at: now)
            case .overloaded: state.limit = max(1, state.limit / 2)
            case .rateLimited(let wish):
                state.limit = max(1, state.limit / 2)
                state.pace.refused(generation: ticket.generation, wish: wish, jitter: jitter, at: now)
            case .taken: state.pace.succeeded(begun: ticket.begun, generation: ticket.generation, at: now)
            case .other: break
            }
            return state.admit()
        }
        for continuation in admitted { continuation.resume() }
    }

    /// How long no call has succeeded while the server takes no more; zero where it does.
    package var barren: Duration {
        let now = clock.now()
        return state.withLock { $0.pace.barren(at: now) }
    }

    /// A call gives up waiting for the server: the next one that is refused has patience anew.
    package func restartPatience() {
        let now = clock.now()
        state.withLock { $0.pace.restartPatience(at: now) }
    }

    package var now: ContinuousClock.Instant { clock.now() }

    package func sleep(for duration: Duration) async throws { try await clock.sleep(duration) }

    private func place() async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isFree = state.withLock { state in
                    if state.inFlight < state.places, state.waiters.isEmpty {
                        state.inFlight += 1
                        return true
                    }
                    state.waiters.append((id, continuation))
                    return false
                }
                if isFree { continuation.resume() } else if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func giveBack() {
        let admitted = state.withLock { state in
            state.inFlight -= 1
            return state.admit()
        }
        for continuation in admitted { continuation.resume() }
    }

    private func cancel(_ id: UInt64) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0).continuation }
        }
        waiter?.resume(throwing: CancellationError())
    }
}
