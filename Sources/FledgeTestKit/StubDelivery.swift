import Foundation

/// How a stub server's answer goes over the wire.
package enum StubDelivery: Hashable, Sendable {
    case whole
    /// Nothing for so many seconds, then whole.
    case late(Double)
    /// The head in pieces, a second's fraction apart, for so many seconds in all.
    case slowHead(Double)
    /// The head, and then the body in pieces for so many seconds in all.
    case slowBody(Double)
    /// The head and half of the body that it announces, then the connection's end.
    case half
    /// The head alone, then the connection's end.
    case headOnly
    /// The connection's end instead of an answer.
    case closed
    /// A reset instead of an answer.
    case reset
    /// The head, then a reset.
    case resetAfterHead
    /// Whole, without a length: the connection's end is the body's.
    case untilClose
    /// Whole, in chunks (RFC 9112 §7.1).
    case chunked
    /// In chunks, of which the last never comes.
    case cutChunks
}

extension StubHTTPServer.Response {
    private static let pieces = 8

    /// - Returns: whether the connection may be used again.
    func send(to connection: Int32) -> Bool {
        switch delivery {
        case .whole: return LoopbackSocket.sendAll(connection, head() + body)
        case .late(let seconds):
            Thread.sleep(forTimeInterval: seconds)
            return LoopbackSocket.sendAll(connection, head() + body)
        case .slowHead(let seconds):
            return trickle(head(), over: seconds, to: connection) && LoopbackSocket.sendAll(connection, body)
        case .slowBody(let seconds):
            return LoopbackSocket.sendAll(connection, head()) && trickle(body, over: seconds, to: connection)
        case .half: _ = LoopbackSocket.sendAll(connection, head() + body.prefix(body.count / 2))
        case .headOnly: _ = LoopbackSocket.sendAll(connection, head())
        case .closed: break
        case .reset: LoopbackSocket.resetsAtClose(connection)
        case .resetAfterHead:
            _ = LoopbackSocket.sendAll(connection, head())
            LoopbackSocket.resetsAtClose(connection)
        case .untilClose: _ = LoopbackSocket.sendAll(connection, head(framing: "Connection: close") + body)
        case .chunked:
            return LoopbackSocket.sendAll(
                connection, head(framing: Self.chunkedFraming) + chunk + Array("0\r\n\r\n".utf8))
        case .cutChunks: _ = LoopbackSocket.sendAll(connection, head(framing: Self.chunkedFraming) + chunk)
        }
        return false
    }

    private static let chunkedFraming = "Transfer-Encoding: chunked"
    private var chunk: [UInt8] { Array("\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n".utf8) }

    private func head(framing: String? = nil) -> [UInt8] {
        var text = "HTTP/1.1 \(status) Stub\r\n"
        if !headers.contains(where: { $0.name == "Content-Type" }) { text += "Content-Type: application/json\r\n" }
        for header in headers { text += "\(header.name): \(header.value)\r\n" }
        return Array("\(text)\(framing ?? "Content-Length: \(body.count)")\r\n\r\n".utf8)
    }

    private func trickle(_ bytes: [UInt8], over seconds: Double, to connection: Int32) -> Bool {
        let size = max(1, bytes.count / Self.pieces)
        for start in stride(from: 0, to: bytes.count, by: size) {
            Thread.sleep(forTimeInterval: seconds / Double(Self.pieces))
            guard LoopbackSocket.sendAll(connection, bytes[start..<min(start + size, bytes.count)]) else {
                return false
            }
        }
        return true
    }
}
