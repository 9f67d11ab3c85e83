import Foundation
import Glibc
import Synchronization

/// Stands between PostgreSQL and its clients, and breaks a connection at a chosen byte of a COMMIT or of its answer.
package final class FaultProxy: Sendable {
    package enum Direction: String, Sendable, CaseIterable {
        /// The COMMIT itself: before its last byte is through, nothing is committed.
        case request
        /// Its answer: it is committed, and the client does not know.
        case answer

        /// Bytes of the message: `COMMIT` as a simple query; its completion and `ReadyForQuery`.
        package var length: Int { self == .request ? 12 : 18 }
    }

    package enum Mode: Hashable, Sendable {
        /// The connection is reset.
        case cut
        /// Nothing more gets through, neither way, until the connection is reset after so many seconds.
        case hole(seconds: Double)
        /// The rest gets through so many seconds later.
        case delay(seconds: Double)
    }

    package struct Fault: Hashable, Sendable {
        package var direction: Direction
        /// How many bytes of the message get through.
        package var offset: Int
        package var mode: Mode

        package init(_ direction: Direction, offset: Int, _ mode: Mode) {
            self.direction = direction
            self.offset = offset
            self.mode = mode
        }
    }

    private struct State {
        var listeners: [Int32] = []
        var armed: [UInt16: Fault] = [:]
        var struck: [UInt16: Int] = [:]
    }

    private let server: String
    private let state = Mutex(State())

    /// - Parameter server: the server's Unix socket.
    package init(server: String) { self.server = server }

    /// Listens on one more port, whose faults are its own.
    package func listen() throws -> UInt16 {
        let (listener, port) = try LoopbackSocket.listen()
        state.withLock { $0.listeners.append(listener) }
        Thread.detachNewThread { [self] in
            while let client = LoopbackSocket.accept(listener) {
                LoopbackSocket.withoutDelay(client)
                guard let server = LoopbackSocket.connect(path: server) else {
                    Glibc.close(client)
                    continue
                }
                let link = FaultLink(client: client, server: server) { [self] in take(port) }
                Thread.detachNewThread { link.pumpRequests() }
                Thread.detachNewThread { link.pumpAnswers() }
            }
        }
        return port
    }

    /// Breaks the next COMMIT that comes by on the port.
    package func arm(_ fault: Fault, port: UInt16) { state.withLock { $0.armed[port] = fault } }

    /// Whether the fault that was armed last still waits for its COMMIT.
    package func isArmed(port: UInt16) -> Bool { state.withLock { $0.armed[port] != nil } }

    package func close() {
        state.withLock { state in
            for listener in state.listeners {
                shutdown(listener, Int32(SHUT_RDWR))
                Glibc.close(listener)
            }
            state.listeners = []
        }
    }

    private func take(_ port: UInt16) -> Fault? { state.withLock { $0.armed.removeValue(forKey: port) } }
}
