import FledgeCore
import FledgeEngine

/// How many calls may be in flight at a server, and how fast they may begin.
///
/// Stands for what this process knows of the one server: its places, its rate, and whether it answers. A place is held for
/// one attempt, not for the pauses between two. Of a server whose places are slots (``PromptSlots``) a ticket names the slot.
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
        fileprivate var place: Place

        /// The slot that the call is to be made on; nil where the server has none that are told apart.
        var slot: Int? { place.slot }
        var isTrial: Bool { place.trial != nil }
    }

    fileprivate struct Place: Sendable {
        /// Of the one call that tries, what was known of the server as it began.
        var trial: ServerDoubt.Known?
        var slot: Int?
    }

    private struct Waiter: Sendable {
        var known: ServerDoubt.Known?
        var prefix: Digest?
    }

    private typealias Line = WaitingLine<State, Waiter, Place>

    private struct State: Sendable {
        var limit: Double
        var inFlight = 0
        var pace = RatePace()
        var doubt: ServerDoubt?
        var doubts = 0
        var slots: PromptSlots?

        /// One call tries while the server takes no more.
        var places: Int { pace.isPaused ? 1 : Int(saturating: limit) }

        var hasPlace: Bool { inFlight < places && doubt?.isTried != true }

        mutating func begin(_ prefix: Digest?) -> Place {
            inFlight += 1
            return Place(trial: doubt?.begin(), slot: slots?.take(for: prefix))
        }

        mutating func admit(_ line: inout Line.Line) {
            while hasPlace, let next = next(in: line) { _ = line.admit(next.id, begin(next.waiter.prefix)) }
        }

        private func next(in line: Line.Line) -> (id: Line.ID, waiter: Waiter)? {
            if let slots, let same = line.first(where: { slots.favours($0.prefix) }) { return same }
            return line.first()
        }

        mutating func lost(
            _ ticket: Ticket, _ error: FledgeError, at now: ContinuousClock.Instant, _ line: inout Line.Line
        ) {
            guard var doubt = self.doubt else {
                doubts += 1
                self.doubt = ServerDoubt(number: doubts, error, at: now)
                return
            }
            // Calls that began before it tell nothing new.
            guard doubt.isOfThis(ticket.place.trial) else { return }
            doubt.fail(error, at: now)
            self.doubt = doubt
            line.refuse { doubt.news(forWaiting: $0.known) }
        }

        /// The call is over, or was never made. One that tried and has told nothing of the server leaves the doubt; a server
        /// that was called for the first time is out of doubt: it takes nothing for what it does not answer.
        mutating func giveBack(_ place: Place, isOver: Bool) {
            inFlight -= 1
            if let slot = place.slot { slots?.giveBack(slot) }
            guard doubt?.isOfThis(place.trial) == true else { return }
            if isOver, doubt?.isUntriedServer == true { doubt = nil } else { doubt?.giveBack() }
        }
    }

    private let maximum: Double
    private let isPaid: Bool
    private let clock: Clock
    private let line: Line

    /// - Parameter isPaid: whether a call that is lost may have been charged, so that one tries at a server that nobody knows
    ///   to answer.
    package convenience init(initial: Int, maximum: Int, isPaid: Bool = false, clock: Clock = .system) {
        self.init(initial: initial, maximum: maximum, isPaid: isPaid, slots: nil, clock: clock)
    }

    /// A server whose places are slots: as many calls as there are slots, none of them paid.
    convenience init(slots count: Int, clock: Clock = .system) {
        self.init(initial: count, maximum: count, isPaid: false, slots: PromptSlots(count: count), clock: clock)
    }

    private init(initial: Int, maximum: Int, isPaid: Bool, slots: PromptSlots?, clock: Clock) {
        self.isPaid = isPaid
        self.maximum = Double(max(1, maximum))
        self.clock = clock
        line = Line(
            State(
                limit: Double(max(1, min(initial, maximum))), doubt: isPaid ? ServerDoubt() : nil, slots: slots))
    }

    package var current: Int { line.withLock { state, _ in Int(saturating: state.limit) } }

    /// Calls that wait for a place.
    var waiting: Int { line.withLock { _, line in line.count } }

    /// What is known of the server that does not answer; nil where it does.
    var doubt: ServerDoubt.Known? { line.withLock { state, _ in state.doubt?.heard(by: nil) } }

    /// How the last call was lost, where that is a moment ago and so many were in a row.
    func lossJustNow(after failures: Int) -> FledgeError? {
        let now = clock.now()
        return line.withLock { state, _ in state.doubt?.lossJustNow(after: failures, at: now) }
    }

    /// Waits for a place and for the moment to begin. The ticket has to be given back with `release`, or with `giveBack` where
    /// the call is not made after all.
    ///
    /// - Parameters:
    ///   - known: what the caller has heard of the server.
    ///   - prefix: what the question shares with others, at a server whose places are slots.
    /// - Throws: `LostAlike` when a call was lost that the caller has not heard of; `CancellationError`.
    func acquire(knowing known: ServerDoubt.Known? = nil, prefix: Digest? = nil) async throws -> Ticket {
        while true {
            let place = try await line.wait { state, line, _ in
                if let news = state.doubt?.news(for: known) { return .refused(news) }
                if state.hasPlace, line.isEmpty { return .granted(state.begin(prefix)) }
                return .waits(Waiter(known: state.doubt?.heard(by: known), prefix: prefix))
            }
            while true {
                let now = clock.now()
                let (wait, ticket) = line.withLock { state, _ -> (Duration?, Ticket?) in
                    // The server has begun to refuse meanwhile, or to answer nobody, and another call tries.
                    if state.pace.isPaused, state.inFlight > 1 { return (nil, nil) }
                    if place.trial == nil, state.doubt != nil { return (nil, nil) }
                    if let wait = state.pace.wait(at: now) { return (wait, nil) }
                    state.pace.begin(at: now)
                    return (nil, Ticket(begun: now, generation: state.pace.generation, place: place))
                }
                if let ticket { return ticket }
                guard let wait else { break }
                do { try await clock.sleep(wait) } catch {
                    giveBack(place)
                    throw error
                }
            }
            giveBack(place)
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
        line.withLock { state, line in
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
            case .lost(let error): if isPaid { state.lost(ticket, error, at: now, &line) }
            case .other: break
            }
            state.giveBack(ticket.place, isOver: true)
            state.admit(&line)
        }
    }

    /// The call that the ticket was for is not made: nothing is learnt from it.
    func giveBack(_ ticket: Ticket) { giveBack(ticket.place) }

    /// How long no call has succeeded while the server takes no more; zero where it does.
    package var barren: Duration {
        let now = clock.now()
        return line.withLock { state, _ in state.pace.barren(at: now) }
    }

    /// A call gives up waiting for the server: the next one that is refused has patience anew.
    package func restartPatience() {
        let now = clock.now()
        line.withLock { state, _ in state.pace.restartPatience(at: now) }
    }

    package var now: ContinuousClock.Instant { clock.now() }

    package func sleep(for duration: Duration) async throws { try await clock.sleep(duration) }

    private func giveBack(_ place: Place) {
        line.withLock { state, line in
            state.giveBack(place, isOver: false)
            state.admit(&line)
        }
    }
}
