import Foundation
import Glibc
import Synchronization

/// A small HTTP/1.1 server of plain threads: as quick as a test needs, and with nothing of the code that is tested.
///
/// Each port that it listens on tells callers apart; it takes requests as an origin and as a forward proxy.
package final class StubHTTPServer: Sendable {
    package struct Request: Sendable {
        package var method: String
        /// Without scheme and host.
        package var path: String
        /// Header names in lower case.
        package var headers: [String: String]
        package var body: [UInt8]
        /// The port that it came in on.
        package var port: UInt16
    }

    package struct Response: Sendable {
        package var status: Int
        /// Besides `Content-Type` and `Content-Length`, which one of the same name replaces.
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]
        package var delivery: StubDelivery

        package init(
            status: Int = 200, headers: [(name: String, value: String)] = [], body: [UInt8],
            delivery: StubDelivery = .whole
        ) {
            self.status = status
            self.headers = headers
            self.body = body
            self.delivery = delivery
        }
    }

    package struct CannotListen: Error {
        package let number: Int32
    }

    private struct State {
        var listeners: [Int32] = []
        var connections: Set<Int32> = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let handle: @Sendable (Request) -> Response

    /// - Parameter handle: called on a thread of the connection; may block.
    package init(handle: @escaping @Sendable (Request) -> Response) { self.handle = handle }

    /// Listens on one more port of the loopback interface.
    ///
    /// - Parameter port: 0 for a free one.
    package func listen(port: UInt16 = 0) throws -> UInt16 {
        let (descriptor, port) = try LoopbackSocket.listen(port: port)
        state.withLock { $0.listeners.append(descriptor) }
        Thread.detachNewThread { [self] in
            while let connection = LoopbackSocket.accept(descriptor) {
                let isOpen = state.withLock { state in
                    if !state.isClosed { state.connections.insert(connection) }
                    return !state.isClosed
                }
                guard isOpen else {
                    Glibc.close(connection)
                    return
                }
                Thread.detachNewThread { [self] in serve(connection, port: port) }
            }
        }
        return port
    }

    /// Ends every connection and stops listening.
    package func close() {
        state.withLock { state in
            state.isClosed = true
            for listener in state.listeners {
                shutdown(listener, Int32(SHUT_RDWR))
                Glibc.close(listener)
            }
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
            state.listeners = []
        }
    }

    private func serve(_ connection: Int32, port: UInt16) {
        LoopbackSocket.withoutDelay(connection)
        var buffer: [UInt8] = []
        while let request = next(connection, &buffer, port: port) {
            guard handle(request).send(to: connection) else { break }
        }
        state.withLock { state in
            state.connections.remove(connection)
            Glibc.close(connection)
        }
    }

    /// The next whole request; nil at the connection's end or when it is none.
    private func next(_ connection: Int32, _ buffer: inout [UInt8], port: UInt16) -> Request? {
        while true {
            if let (request, length) = Self.parse(buffer, port: port) {
                buffer.removeFirst(length)
                return request
            }
            guard let bytes = LoopbackSocket.receive(connection) else { return nil }
            buffer += bytes
        }
    }

    private static func parse(_ buffer: [UInt8], port: UInt16) -> (Request, length: Int)? {
        let end = buffer.withUnsafeBufferPointer { bytes -> Int? in
            var index = 3
            while index < bytes.count {
                // The last byte of the mark, and then the others.
                if bytes[index] == 10, bytes[index - 1] == 13, bytes[index - 2] == 10, bytes[index - 3] == 13 {
                    return index - 3
                }
                index += 1
            }
            return nil
        }
        guard let end else { return nil }
        let lines = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].drop { $0 == " " }.description
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        let start = end + 4
        guard buffer.count >= start + length else { return nil }
        var path = String(words[1])
        if let scheme = path.range(of: "://"), let slash = path[scheme.upperBound...].firstIndex(of: "/") {
            path = String(path[slash...])
        }
        return (
            Request(
                method: String(words[0]), path: path, headers: headers, body: Array(buffer[start..<(start + length)]),
                port: port),
            start + length
        )
    }
}
