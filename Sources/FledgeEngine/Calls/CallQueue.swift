import FledgeCore

/// Lets calls to one model server in by turns of the use cases that make them, as many at once as there are places.
///
/// Stands for what is shared: the server bears so many calls of this daemon (``ModelServer/concurrency``), and takes so many
/// of all daemons together where a definition says so (``CallQueues`` asks for this daemon's places). Whether the server is
/// well, and how fast calls may begin, is the server's own concern behind it.
package final class CallQueue: Sendable {
    /// What the queue stands at, for whoever asks for places on its behalf.
    package struct Demand: Sendable {
        package var inUse: Int
        package var wanted: Int
        /// The smallest limit that a definition states; nil where none does.
        package var limit: Int?
        /// Whether there are places to use or to give back.
        package var hasPlaces: Bool
    }

    private struct State: Sendable {
        /// What the server bears, as far as this daemon knows.
        var bears = 1
        /// Places among all daemons, and until when they hold; nil where no limit is stated.
        var places: (count: Int, until: ContinuousClock.Instant)?
        var limits: [UseCaseID: Int] = [:]
        var inUse = 0
        /// In whose turn those who wait are let in, with some among them who have gone.
        var turns = FairQueue<UseCaseID, UInt64>()

        var limit: Int? { limits.values.min() }

        /// - Returns: how many may be under way now.
        var room: Int {
            guard let limit else { return bears }
            guard let places, places.until > .now else { return 0 }
            return min(bears, places.count, limit)
        }

        /// Lets those in whose turn it is.
        mutating func admit(_ line: inout Line.Line) {
            let room = room
            while inUse < room, let id = turns.next() {
                if line.admit(id, ()) { inUse += 1 }
            }
        }
    }

    private typealias Line = WaitingLine<State, Void, Void>

    private let line = Line(State())
    /// Called when somebody waits and there is no place at all.
    private let starved: @Sendable () -> Void

    package init(starved: @escaping @Sendable () -> Void = {}) { self.starved = starved }

    /// Waits for the use case's turn; `leave` has to follow.
    ///
    /// - Throws: `CancellationError`, with which no place is taken and nothing is to follow.
    package func enter(_ useCase: UseCaseID) async throws {
        try await line.wait { state, line, id in
            if line.isEmpty, state.inUse < state.room {
                state.inUse += 1
                return .granted(())
            }
            state.turns.add(id, for: useCase)
            return .waits(())
        } whenWaiting: {
            if line.withLock({ state, _ in state.room == 0 }) { starved() }
        }
    }

    /// - Parameter bears: how many calls the server turned out to bear.
    package func leave(bears: Int) {
        line.withLock { state, line in
            state.inUse -= 1
            state.bears = max(1, bears)
            state.admit(&line)
        }
    }

    /// - Parameter limit: what the use case's definition says that the server takes at once, if it does.
    package func set(bears: Int, limit: Int?, for useCase: UseCaseID) {
        line.withLock { state, line in
            state.bears = max(1, bears)
            state.limits[useCase] = limit
            state.admit(&line)
        }
    }

    /// - Parameter until: no call begins after that, unless there are places anew.
    package func set(places: Int, until: ContinuousClock.Instant) {
        line.withLock { state, line in
            state.places = (places, until)
            state.admit(&line)
        }
    }

    package var demand: Demand {
        line.withLock { state, line in
            let wanted = state.inUse + line.count
            let hasPlaces = state.places.map { $0.count > 0 && $0.until > .now } ?? false
            return Demand(
                inUse: state.inUse, wanted: min(wanted, state.limit ?? wanted), limit: state.limit,
                hasPlaces: hasPlaces)
        }
    }
}

/// A model server behind the queue that all use cases of the daemon go through.
struct QueuedModelServer: ModelServer {
    let server: any ModelServer
    let queue: CallQueue
    let useCase: UseCaseID

    func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion {
        try await inTurn { try await server.complete(request, attempts: attempts) }
    }

    func score(_ request: ScoringRequest) async throws -> AnswerScore {
        try await inTurn { try await server.score(request) }
    }

    private func inTurn<Answer: Sendable>(_ ask: () async throws -> Answer) async throws -> Answer {
        try await queue.enter(useCase)
        let result: Result<Answer, any Error>
        do { result = .success(try await ask()) } catch { result = .failure(error) }
        queue.leave(bears: await server.concurrency)
        return try result.get()
    }

    func revision(of model: String) async throws -> String { try await server.revision(of: model) }

    var concurrency: Int {
        get async {
            let bears = await server.concurrency
            return min(bears, queue.demand.limit ?? bears)
        }
    }
}
