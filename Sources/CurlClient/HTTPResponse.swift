/// The status and fields that come before a body.
package struct HTTPResponseHead: Sendable, Hashable {
    package var status: Int
    package var headers: HTTPHeaders
}

/// A whole answer.
package struct HTTPResponse: Sendable {
    package var head: HTTPResponseHead
    package var body: [UInt8]
    /// From the moment the connection was ready for this request to the last byte received.
    package var exchangeTime: Duration

    package var status: Int { head.status }
    package var headers: HTTPHeaders { head.headers }
}
