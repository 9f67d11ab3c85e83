/// The version of HTTP that an answer came by.
package enum HTTPVersion: String, Sendable, Hashable {
    case http1_0 = "HTTP/1.0"
    case http1_1 = "HTTP/1.1"
    case http2 = "HTTP/2"
}

/// The status and fields that come before a body.
package struct HTTPResponseHead: Sendable, Hashable {
    package var version: HTTPVersion
    package var status: Int
    package var headers: HTTPHeaders
}

/// A whole answer.
package struct HTTPResponse: Sendable {
    package var head: HTTPResponseHead
    package var body: [UInt8]
    /// From the moment the connection was ready for this request to the last byte received.
    package var exchangeTime: Duration

    package var version: HTTPVersion { head.version }
    package var status: Int { head.status }
    package var headers: HTTPHeaders { head.headers }
}
