import FledgeCore
import Synchronization

/// How many calls may be in flight at a server, and how fast they may begin.
///
/// The number grows by one each round of successes, and halves when the server says that it is too much. While the server
/// takes no more calls for a time, one of them tries and the others wait (see ``RatePace``); the same while nobody knows
/// whether it answers at all (see ``ServerDoubt``).
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
        /// Of the one call that tries, what was known of the server as it began.
        fileprivate var trial: ServerDoubt.Known?

        var isTrial: Bool { trial != nil }
    }

    private struct Waiter {
        var id: UInt64
        var known: ServerDoubt.Known?
        /// Resumed with what is known of the server by the one call that tries; with nil otherwise.
        var continuation: CheckedContinuation<ServerDoubt.Known?, any Error>
    }

    /// A place for a call, or news of others that were lost.
    private struct Resumption {
        var continuation: CheckedContinuation<ServerDoubt.Known?, any Error>
        var result: Result<ServerDoubt.Known?, any Error>

        func resume() { continuation.resume(with: result) }
    }

    private struct State {
        var limit: Double
        var inFlight = 0
        var nextID: UInt64 = 0
        var waiters: [Waiter] = []
        var pace = RatePace()
        var doubt: ServerDoubt?
        var doubts = 0

        /// One call tries while the server takes no more.
        var places: Int { pace.isPaused ? 1 : Int(saturating: limit) }

        var hasPlace: Bool { inFlight < places && doubt?.isTried != true }

        mutating func begin() -> ServerDoubt.Known? {
            inFlight += 1
            return doubt?.begin()
        }

        mutating func admit() -> [Resumption] {
            var admitted: [Resumption] = []
            while hasPlace, !waiters.isEmpty {
                let continuation = waiters.removeFirst().continuation
                admitted.append(Resumption(continuation: continuation, result: .success(begin())))
            }
            return admitted
        }

        mutating func lost(_ ticket: Ticket, _ error: FledgeError, at now: ContinuousClock.Instant) -> [Resumption] {
            guard var doubt = self.doubt else {
                doubts += 1
                self.doubt = ServerDoubt(number: doubts, error, at: now)
                return []
            }
            // Calls that began before it tell nothing new.
            guard doubt.isOfThis(ticket.trial) else { return [] }
            doubt.fail(error, at: now)
            self.doubt = doubt
            var told: [Resumption] = []
            waiters.removeAll { waiter in
                guard let news = doubt.news(forWaiting: waiter.known) else { return false }
                told.append(Resumption(continuation: waiter.continuation, result: .failure(news)))
                return true
            }
            return told
        }

        /// The one call that tried is over, and has told nothing of the server. One that was never called is out of doubt: it
        /// takes nothing for what it does not answer.
        mutating func giveBack(_ trial: ServerDoubt.Known?, isOver: Bool) {
            guard doubt?.isOfThis(trial) == true else { return }
            if isOver, doubt?.isUntriedServer == true { doubt = nil } else { doubt?.giveBack() }
        }
    }

    private let maximum: Double
    private let isPaid: Bool
    private let clock: Clock
    private let state: Mutex<State>

    /// - Parameter isPaid: whether a call that is lost may have been charged, so that one tries at a server that nobody knows
    ///   to answer.
    package init(initial: Int, maximum: Int, isPaid: Bool = false, clock: Clock = .system) {
        self.isPaid = isPaid
        self.maximum = Double(max(1, maximum))
        self.clock = clock
        state = Mutex(
            State(limit: Double(max(1, min(initial, maximum))), doubt: isPaid ? ServerDoubt() : nil))
    }

    package var current: Int { state.withLock { Int(saturating: $0.limit) } }

    /// Calls that wait for a place.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// What is known of the server that does not answer; nil where it does.
    var doubt: ServerDoubt.Known? { state.withLock { $0.doubt?.heard(by: nil) } }

    /// How the last call was lost, where that is a moment ago and so many were in a row.
    func lossJustNow(after failures: Int) -> FledgeError? {
        let now = clock.now()
        return state.withLock { $0.doubt?.lossJustNow(after: failures, at: now) }
    }

    /// Waits for a place and for the moment to begin. The ticket has to be given back with `release`.
    ///
    /// - Parameter known: what the caller has heard of the server.
    /// - Throws: `LostAlike` when a call was lost that the caller has not heard of.
    func acquire(knowing known: ServerDoubt.Known? = nil) async throws -> Ticket {
        while true {
            let trial = try await place(knowing: known)
            while true {
                let now = clock.now()
                let (wait, ticket) = state.withLock { state -> (Duration?, Ticket?) in
                    // The server has begun to refuse meanwhile, or to answer nobody, and another call tries.
                    if state.pace.isPaused, state.inFlight > 1 { return (nil, nil) }
                    if trial == nil, state.doubt != nil { return (nil, nil) }
                    if let wait = state.pace.wait(at: now) { return (wait, nil) }
                    state.pace.begin(at: now)
                    return (nil, Ticket(begun: now, generation: state.pace.generation, trial: trial))
                }
                if let ticket { return ticket }
                guard let wait else { break }
                do { try await clock.sleep(wait) } catch {
                    giveBack(trial)
                    throw error
                }
            }
            giveBack(trial)
        }
    }

    package enum Outcome: Sendable {
        case success, overloaded, other
        /// The server took the call, and had no answer for it.
        case taken
        /// The server takes only so many calls in a time, and asks to be left alone for so long, or doesn't say.
        case rateLimited(Duration?)
        /// No answer came, and the call may have been charged all the same.
        case lost(FledgeError)
    }

    package func release(_ ticket: Ticket, _ outcome: Outcome) {
        let now = clock.now()
        let jitter = Double.random(in: 0...1)
        let resumed = state.withLock { state in
            state.inFlight -= 1
            var told: [Resumption] = []
            switch outcome {
            case .success:
                state.limit = min(maximum, state.limit + 1 / state.limit)
                state.pace.succeeded(begun: ticket.begun, generation: ticket.generation, at: now)
                state.doubt = nil
            case .overloaded: state.limit = max(1, state.limit / 2)
            case .rateLimited(let wish):
                state.limit = max(1, state.limit / 2)
                state.pace.refused(generation: ticket.generation, wish: wish, jitter: jitter, at: now)
            case .taken:
                state.pace.succeeded(begun: ticket.begun, generation: ticket.generation, at: now)
                state.doubt = nil
            case .lost(let error): if isPaid { told = state.lost(ticket, error, at: now) }
            case .other: break
            }
            state.giveBack(ticket.trial, isOver: true)
            return told + state.admit()
        }
        for resumption in resumed { resumption.resume() }
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

    private func place(knowing known: ServerDoubt.Known?) async throws -> ServerDoubt.Known? {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<ServerDoubt.Known?, any Error>) in
                let resumption = state.withLock { state -> Resumption? in
                    if let news = state.doubt?.news(for: known) {
                        return Resumption(continuation: continuation, result: .failure(news))
                    }
                    if state.hasPlace, state.waiters.isEmpty {
                        return Resumption(continuation: continuation, result: .success(state.begin()))
                    }
                    state.waiters.append(
                        Waiter(id: id, known: state.doubt?.heard(by: known), continuation: continuation))
                    return nil
                }
                if let resumption { resumption.resume() } else if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func giveBack(_ trial: ServerDoubt.Known?) {
        let resumed = state.withLock { state in
            state.inFlight -= 1
            state.giveBack(trial, isOver: false)
            return state.admit()
        }
        for resumption in resumed { resumption.resume() }
    }

    private func cancel(_ id: UInt64) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0).continuation }
        }
        waiter?.resume(throwing: CancellationError())
    }
}
