import Synchronization

/// A value that takes long to fetch: it is kept for a while, fetched by one caller at a time, and no caller waits
/// longer than its own limit.
///
/// A fetch that hangs holds up nobody: those who ask meanwhile get nil after their limit, and the fetch goes on.
package final class Cached<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var fetchedAt: ContinuousClock.Instant?
        var fetch: Task<Value, Never>?
    }

    private let maximumAge: Duration
    private let fetch: @Sendable () async -> Value
    private let state = Mutex(State())

    package init(for maximumAge: Duration, fetch: @escaping @Sendable () async -> Value) {
        self.maximumAge = maximumAge
        self.fetch = fetch
    }

    /// - Parameter limit: how long to wait for a fetch.
    package func value(within limit: Duration) async -> Value? {
        let (fresh, running) = state.withLock { state -> (Value?, Task<Value, Never>?) in
            if let value = state.value, let at = state.fetchedAt, at.duration(to: .now) < maximumAge {
                return (value, nil)
            }
            if let fetch = state.fetch { return (nil, fetch) }
            // The task outlives the caller that started it, since other callers wait for the same value.
            let task = Task { await run() }
            state.fetch = task
            return (nil, task)
        }
        guard let running else { return fresh }
        let first = FirstAnswer<Value>()
        // Each ends by itself: with the fetch, or when it is cancelled below.
        let answer = Task { first.give(await running.value) }
        let timer = Task {
            try? await Task.sleep(for: limit)
            first.give(nil)
        }
        defer {
            timer.cancel()
            answer.cancel()
        }
        return await first.wait()
    }

    private func run() async -> Value {
        let value = await fetch()
        state.withLock { $0 = State(value: value, fetchedAt: .now, fetch: nil) }
        return value
    }
}

/// The first of several answers, for one who waits.
private final class FirstAnswer<Value: Sendable>: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Value?, Never>)
        case given(Value?)
    }

    private let state = Mutex(State.open)

    func give(_ value: Value?) {
        let waiting = state.withLock { state -> CheckedContinuation<Value?, Never>? in
            switch state {
            case .open: state = .given(value)
            case .given: break
            case .waiting(let continuation):
                state = .given(value)
                return continuation
            }
            return nil
        }
        waiting?.resume(returning: value)
    }

    func wait() async -> Value? {
        await withCheckedContinuation { continuation in
            let given = state.withLock { state -> Value?? in
                if case .given(let value) = state { return .some(value) }
                state = .waiting(continuation)
                return .none
            }
            if case .some(let value) = given { continuation.resume(returning: value) }
        }
    }
}
