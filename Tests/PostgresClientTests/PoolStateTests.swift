import PostgresClient
import Testing

@Suite("Who holds which slot")
struct PoolStateTests {
    typealias State = PoolState<String, Int>

    private func isOpen(_ grant: State.Grant) -> Bool { if case .open = grant { true } else { false } }
    private func isWait(_ grant: State.Grant) -> Bool { if case .wait = grant { true } else { false } }

    @Test("slots are granted up to the limit, then callers wait in order")
    func order() {
        var state = State(maximum: 2)
        let grants = [state.acquire(), state.acquire(), state.acquire()]
        #expect(isOpen(grants[0]) && isOpen(grants[1]) && isWait(grants[2]))
        let places = [state.enqueue(1), state.enqueue(2)]
        #expect(!places.contains(nil))
        guard case .give(1, "a") = state.release("a") else { return _ = Issue.record("the first is served first") }
        guard case .letOpen(2) = state.discard() else { return _ = Issue.record("a lost slot passes on") }
        #expect(state.leased == 2)
    }

    @Test("nobody overtakes those who wait")
    func noOvertaking() {
        var state = State(maximum: 1)
        _ = state.acquire()
        _ = state.enqueue(1)
        let grant = state.acquire()
        #expect(isWait(grant))
    }

    @Test("a slot that became free before the caller stood in the queue is not waited for")
    func freedMeanwhile() {
        var state = State(maximum: 1)
        _ = state.acquire()
        let grant = state.acquire()
        #expect(isWait(grant))
        _ = state.release("a")
        let place = state.enqueue(1)
        #expect(place == nil)
        guard case .reuse("a") = state.acquire() else { return _ = Issue.record("the idle one is reused") }
    }

    @Test("a waiter that left is not served")
    func leaves() throws {
        var state = State(maximum: 1)
        _ = state.acquire()
        let place = state.enqueue(1)
        let id = try #require(place)
        let first = state.removeWaiter(id)
        let second = state.removeWaiter(id)
        #expect(first == 1)
        #expect(second == nil)
        guard case .none = state.release("a") else { return _ = Issue.record("nobody waits") }
        #expect(state.idle == ["a"])
    }

    @Test("shutdown refuses, hands back what is idle, and drains when the last comes home")
    func shutdown() {
        var state = State(maximum: 2)
        _ = state.acquire()
        _ = state.acquire()
        _ = state.release("a")
        let (idle, waiters) = state.shutdown()
        #expect(idle == ["a"])
        #expect(waiters.isEmpty)
        #expect(!state.isDrained)
        guard case .shutdown = state.acquire() else { return _ = Issue.record("no more grants") }
        guard case .close("b") = state.release("b") else { return _ = Issue.record("no place any more") }
        #expect(state.isDrained)
    }
}
