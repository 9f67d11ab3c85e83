import Synchronization

/// Spans that wait to be exported: a bounded number; what comes when it is full is dropped and counted, for nobody waits.
final class SpanBuffer: Sendable {
    private struct State {
        var spans: [FinishedSpan] = []
        var dropped = 0
    }

    private let capacity: Int
    private let state = Mutex(State())
    /// Yields when there is enough for a batch.
    let hints: AsyncStream<Void>
    private let hint: AsyncStream<Void>.Continuation
    private let batch: Int

    init(capacity: Int, batch: Int) {
        self.capacity = capacity
        self.batch = batch
        (hints, hint) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func add(_ span: FinishedSpan) {
        let isEnough = state.withLock { state in
            guard state.spans.count < capacity else {
                state.dropped += 1
                return false
            }
            state.spans.append(span)
            return state.spans.count == batch
        }
        if isEnough { hint.yield() }
    }

    /// The oldest spans, a batch at most.
    func take() -> [FinishedSpan] {
        state.withLock { state in
            let taken = Array(state.spans.prefix(batch))
            state.spans.removeFirst(taken.count)
            return taken
        }
    }

    func drop(_ count: Int) { state.withLock { $0.dropped += count } }
    var dropped: Int { state.withLock { $0.dropped } }
}
