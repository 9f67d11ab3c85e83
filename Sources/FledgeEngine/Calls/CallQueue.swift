import FledgeCore
import Synchronization

/// Lets calls to one model server in by turns of the use cases that make them, as many at once as there are places.
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

    private struct State {
        /// What the server bears, as far as this daemon knows.
        var bears = 1
        /// Places among all daemons, and until when they hold; nil where no limit is stated.
        var places: (count: Int, until: ContinuousClock.Instant)?
        var limits: [UseCaseID: Int] = [:]
        var inUse = 0
        var nextID: UInt64 = 0
        var waiting = FairQueue<UseCaseID, UInt64>()
        var continuations: [UInt64: CheckedContinuation<Void, any Error>] = [:]

        var limit: Int? { limits.values.min() }

        /// - Returns: how many may be under way now.
        var room: Int {
            guard let limit else { return bears }
            guard let places, places.until > .now else { return 0 }
            return min(bears, places.count, limit)
        }

        /// Those whose turn it is.
        mutating func admitted() -> [CheckedContinuation<Void, any Error>] {
            var admitted: [CheckedContinuation<Void, any Error>] = []
            let room = room
            while inUse < room, let id = waiting.next() {
                // One that gave up is in its line still.
                guard let continuation = continuations.removeValue(forKey: id) else { continue }
                inUse += 1
                admitted.append(continuation)
            }
            return admitted
        }
    }

    private let state = Mutex(State())
    /// Called when somebody waits and there is no place at all.
    private let starved: @Sendable () -> Void

    package init(starved: @escaping @Sendable () -> Void = {}) { self.starved = starved }

    /// Waits for the use case's turn; `leave` has to follow.
    package func enter(_ useCase: UseCaseID) async throws {
        let isIn = state.withLock { state in
            guard state.continuations.isEmpty, state.inUse < state.room else { return false }
            state.inUse += 1
            return true
        }
        if isIn { return }
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let (admitted, isStarved) = state.withLock { state in
                    state.continuations[id] = continuation
                    state.waiting.add(id, for: useCase)
                    return (state.admitted(), state.room == 0)
                }
                for continuation in admitted { continuation.resume() }
                if isStarved { starved() }
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// - Parameter bears: how many calls the server turned out to bear.
    package func leave(bears: Int) {
        let admitted = state.withLock { state in
            state.inUse -= 1
            state.bears = max(1, bears)
            return state.admitted()
        }
        for continuation in admitted { continuation.resume() }
    }

    /// - Parameter limit: what the use case's definition says that the server takes at once, if it does.
    package func set(bears: Int, limit: Int?, for useCase: UseCaseID) {
        let admitted = state.withLock { state in
            state.bears = max(1, bears)
            state.limits[useCase] = limit
            return state.admitted()
        }
        for continuation in admitted { continuation.resume() }
    }

    /// - Parameter until: no call begins after that, unless there are places anew.
    package func set(places: Int, until: ContinuousClock.Instant) {
        let admitted = state.withLock { state in
            state.places = (places, until)
            return state.admitted()
        }
        for continuation in admitted { continuation.resume() }
    }

    package var demand: Demand {
        state.withLock { state in
            let wanted = state.inUse + state.continuations.count
            let hasPlaces = state.places.map { $0.count > 0 && $0.until > .now } ?? false
            return Demand(
                inUse: state.inUse, wanted: min(wanted, state.limit ?? wanted), limit: state.limit,
                hasPlaces: hasPlaces)
        }
    }

    private func cancel(_ id: UInt64) {
        let continuation = state.withLock { $0.continuations.removeValue(forKey: id) }
        continuation?.resume(throwing: CancellationError())
    }
}

/// A model server behind the queue that all use cases of the daemon go through.
struct QueuedModelServer: ModelServer {
    let server: any ModelServer
    let queue: CallQueue
    let useCase: UseCaseID

    func complete(_ request: CompletionRequest) async throws -> Completion {
        try await inTurn { try await server.complete(request) }
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
