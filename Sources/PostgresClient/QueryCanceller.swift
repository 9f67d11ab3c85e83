import CLibpq
import Glibc
import Synchronization

/// Ends the statement that a cancelled task waits for, and never the one after it.
final class QueryCanceller: Sendable {
    /// `@unchecked Sendable`: libpq lets any thread use a PGcancel, which is a copy of an address and a key.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer?
    }

    private struct State {
        var handle = Handle(pointer: nil)
        var socket: Int32 = -1
        var running: UInt64?
        var cancelled = false
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    deinit { state.withLock { PQfreeCancel($0.handle.pointer) } }

    /// Remembers how to reach the server that this connection talks to.
    func attach(_ connection: OpaquePointer) {
        let handle = Handle(pointer: PQgetCancel(connection))
        let socket = PQsocket(connection)
        state.withLock {
            PQfreeCancel($0.handle.pointer)
            $0.handle = handle
            $0.socket = socket
        }
    }

    /// Forgets the connection before it is closed: its socket's number may soon be somebody else's.
    func detach() {
        state.withLock {
            PQfreeCancel($0.handle.pointer)
            $0.handle = Handle(pointer: nil)
            $0.socket = -1
        }
    }

    func ticket() -> UInt64 {
        state.withLock {
            $0.next += 1
            return $0.next
        }
    }

    /// Marks the ticket's statement as running.
    func begin(_ ticket: UInt64) {
        state.withLock {
            $0.running = ticket
            $0.cancelled = false
        }
    }

    /// Marks the statement as over, after a cancel request under way has reached the server; true if there was one.
    func end() -> Bool {
        state.withLock {
            $0.running = nil
            return $0.cancelled
        }
    }

    /// Asks the server to end the ticket's statement. Returns at once: the request is a connection of its own.
    func cancel(_ ticket: UInt64) {
        _ = BlockingThread.start {
            // The lock is held while the request travels, so that `end` can't let the next statement begin
            // before the server has dealt with it.
            self.state.withLock { state in
                guard state.running == ticket, let handle = state.handle.pointer else { return }
                state.cancelled = true
                var message = [CChar](repeating: 0, count: 256)
                if PQcancel(handle, &message, Int32(message.count)) == 0 {
                    // The server does not answer: end the wait for it, at the connection's cost.
                    shutdown(state.socket, Int32(SHUT_RDWR))
                }
            }
        }
    }
}
