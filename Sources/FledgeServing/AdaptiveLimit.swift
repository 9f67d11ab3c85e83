import Synchronization

/// How many calls may be in flight: grows by one each round of successes, halves when the server says it is too much.
package final class AdaptiveLimit: Sendable {
    private struct State {
        var limit: Double
        var inFlight = 0
        var nextID: UInt64 = 0
        var waiters: [(id: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
    }

    private let maximum: Double
    private let state: Mutex<State>

    package init(initial: Int, maximum: Int) {
        self.maximum = Double(max(1, maximum))
        state = Mutex(State(limit: Double(max(1, min(initial, maximum)))))
    }

    package var current: Int { state.withLock { Int($0.limit) } }

    package func acquire() async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isFree = state.withLock { state in
                    if state.inFlight < Int(state.limit), state.waiters.isEmpty {
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

    package enum Outcome: Sendable { case success, overloaded, other }

    package func release(_ outcome: Outcome) {
        let admitted = state.withLock { state in
            state.inFlight -= 1
            switch outcome {
            case .success: state.limit = min(maximum, state.limit + 1 / state.limit)
            case .overloaded: state.limit = max(1, state.limit / 2)
            case .other: break
            }
            var admitted: [CheckedContinuation<Void, any Error>] = []
            while state.inFlight < Int(state.limit), !state.waiters.isEmpty {
                admitted.append(state.waiters.removeFirst().continuation)
                state.inFlight += 1
            }
            return admitted
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
