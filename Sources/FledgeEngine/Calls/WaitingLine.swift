import Synchronization

/// Tasks that wait until there is room, first come first served, together with the state that says whether there is.
///
/// How calls wait for a place, at a queue as at a server, and requests that compute for long (``ComputingPlaces``). What a
/// place is, who gets one and in whose turn is the owner's, which decides under the lock; the line does what is easily got
/// wrong: a task that is cancelled leaves it and takes nothing with it, whether the cancellation comes before, while or
/// after it waits, and nobody is resumed under the lock. The libraries that know nothing of Fledge wait in ways of their own
/// (``PostgresPool`` until a deadline).
package final class WaitingLine<State: Sendable, Waiter: Sendable, Grant: Sendable>: Sendable {
    /// Counted from 1.
    package typealias ID = UInt64

    /// What becomes of a task that comes.
    package enum Entry: Sendable {
        case granted(Grant)
        case refused(any Error)
        /// It waits, and this is known of it.
        case waits(Waiter)
    }

    /// Those who wait. Owners hand out places and refusals here; the tasks learn of them once the lock is free.
    package struct Line: Sendable {
        fileprivate typealias Continuation = CheckedContinuation<Grant, any Error>

        private var places: [ID: (waiter: Waiter, continuation: Continuation)] = [:]
        /// In the order in which they came, with some before and among them who have gone.
        private var order: [ID] = []
        private var head = 0
        fileprivate var lastID: ID = 0
        fileprivate var resumptions: [(Continuation, Result<Grant, any Error>)] = []

        package var isEmpty: Bool { places.isEmpty }
        package var count: Int { places.count }

        /// Who has waited longest; of those that the condition holds for.
        package func first(where holds: (Waiter) -> Bool = { _ in true }) -> (id: ID, waiter: Waiter)? {
            for id in order[head...] {
                if let place = places[id], holds(place.waiter) { return (id, place.waiter) }
            }
            return nil
        }

        /// Lets one in; the owner counts its place as taken.
        ///
        /// - Returns: false where it has gone: nothing is granted then.
        package mutating func admit(_ id: ID, _ grant: Grant) -> Bool { resume(id, .success(grant)) }

        /// Sends those away for whom there is an error, with that.
        package mutating func refuse(_ error: (Waiter) -> (any Error)?) {
            for id in order[head...] {
                if let place = places[id], let error = error(place.waiter) { _ = resume(id, .failure(error)) }
            }
        }

        fileprivate mutating func add(_ id: ID, _ waiter: Waiter, _ continuation: Continuation) {
            places[id] = (waiter, continuation)
            order.append(id)
        }

        fileprivate mutating func resume(_ id: ID, _ result: Result<Grant, any Error>) -> Bool {
            guard let place = places.removeValue(forKey: id) else { return false }
            resumptions.append((place.continuation, result))
            while head < order.count, places[order[head]] == nil { head += 1 }
            // Without moving the rest at each step.
            if head > 64, head * 2 > order.count {
                order.removeFirst(head)
                head = 0
            }
            return true
        }
    }

    private struct Locked: Sendable {
        var state: State
        var line = Line()
    }

    private let locked: Mutex<Locked>

    package init(_ state: State) { locked = Mutex(Locked(state: state)) }

    /// Reads or changes the state, and lets in or sends away whom that concerns.
    @discardableResult
    package func withLock<Value: Sendable>(_ body: (inout State, inout Line) -> Value) -> Value {
        let (value, resumptions) = locked.withLock { locked in
            let value = body(&locked.state, &locked.line)
            let resumptions = locked.line.resumptions
            locked.line.resumptions = []
            return (value, resumptions)
        }
        for (continuation, result) in resumptions { continuation.resume(with: result) }
        return value
    }

    /// Has a place at once, or waits for it. What is granted is the caller's to give back.
    ///
    /// - Parameters:
    ///   - enter: what becomes of the caller, who is known by the ID from now on. Under the lock.
    ///   - whenWaiting: called once the caller stands in the line; not under the lock.
    /// - Throws: what it is refused with, now or while it waits; `CancellationError`, with which nothing is granted.
    package func wait(
        _ enter: @Sendable (inout State, inout Line, ID) -> Entry, whenWaiting: @Sendable () -> Void = {}
    ) async throws -> Grant {
        let id = locked.withLock { locked in
            locked.line.lastID += 1
            return locked.line.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Grant, any Error>) in
                let result = withLock { state, line -> Result<Grant, any Error>? in
                    // Whoever is cancelled after this look is among those who wait.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    switch enter(&state, &line, id) {
                    case .granted(let grant): return .success(grant)
                    case .refused(let error): return .failure(error)
                    case .waits(let waiter):
                        line.add(id, waiter, continuation)
                        return nil
                    }
                }
                if let result { continuation.resume(with: result) } else { whenWaiting() }
            }
        } onCancel: {
            withLock { _, line in _ = line.resume(id, .failure(CancellationError())) }
        }
    }
}
