import Foundation
import Glibc
import Synchronization

/// One connection through a `FaultProxy`, with a thread for each way.
final class FaultLink: Sendable {
    /// A simple query's `COMMIT` as it goes over the wire.
    private static let commit: [UInt8] = [0x51, 0, 0, 0, 11] + Array("COMMIT".utf8) + [0]

    private struct State {
        /// Set once the request went through whole and its answer is to be broken.
        var answerFault: FaultProxy.Fault?
        var isSevered = false
        var open = 2
    }

    private let client: Int32
    private let server: Int32
    private let nextFault: @Sendable () -> FaultProxy.Fault?
    private let state = Mutex(State())

    init(client: Int32, server: Int32, nextFault: @escaping @Sendable () -> FaultProxy.Fault?) {
        self.client = client
        self.server = server
        self.nextFault = nextFault
    }

    func pumpRequests() {
        while let bytes = LoopbackSocket.receive(client) {
            guard let start = Self.start(of: Self.commit, in: bytes), let fault = nextFault() else {
                guard forward(bytes[...], to: server) else { break }
                continue
            }
            if fault.direction == .answer {
                state.withLock { $0.answerFault = fault }
                guard forward(bytes[...], to: server) else { break }
                continue
            }
            let cut = start + fault.offset
            guard strike(fault, passed: bytes[..<cut], rest: bytes[cut...], to: server) else { break }
        }
        end()
    }

    func pumpAnswers() {
        while let bytes = LoopbackSocket.receive(server) {
            let fault = state.withLock { state in
                defer { state.answerFault = nil }
                return state.answerFault
            }
            guard let fault else {
                guard forward(bytes[...], to: client) else { break }
                continue
            }
            let cut = min(fault.offset, bytes.count)
            guard strike(fault, passed: bytes[..<cut], rest: bytes[cut...], to: client) else { break }
        }
        end()
    }

    /// - Returns: false when the connection is over.
    private func strike(
        _ fault: FaultProxy.Fault, passed: ArraySlice<UInt8>, rest: ArraySlice<UInt8>, to target: Int32
    ) -> Bool {
        guard forward(passed, to: target) else { return false }
        switch fault.mode {
        case .delay(let seconds):
            Thread.sleep(forTimeInterval: seconds)
            return forward(rest, to: target)
        case .hole(let seconds):
            state.withLock { $0.isSevered = true }
            Thread.sleep(forTimeInterval: seconds)
            reset()
            return false
        case .cut:
            reset()
            return false
        }
    }

    private func forward(_ bytes: ArraySlice<UInt8>, to target: Int32) -> Bool {
        // In a hole the other way is dark as well.
        if state.withLock({ $0.isSevered }) { return true }
        return bytes.isEmpty || LoopbackSocket.sendAll(target, bytes)
    }

    private func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        shutdown(client, Int32(SHUT_RDWR))
        // Orderly towards the server, so that it reads what got through before it sees the end.
        shutdown(server, Int32(SHUT_WR))
    }

    /// Each pump calls this once; the second closes.
    private func end() {
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(server, Int32(SHUT_RDWR))
        let isLast = state.withLock { state in
            state.open -= 1
            return state.open == 0
        }
        guard isLast else { return }
        close(client)
        close(server)
    }

    private static func start(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= pattern.count else { return nil }
        return (0...(bytes.count - pattern.count)).first { offset in
            bytes[offset] == pattern[0] && bytes[offset..<(offset + pattern.count)].elementsEqual(pattern)
        }
    }
}
