/// A request to be sent as it stands: redirects are not followed.
package struct HTTPRequest: Sendable {
    package var method: String
    /// An absolute `http` or `https` address.
    package var url: String
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// Sent in place of the body; nil for none.
    package var upload: HTTPUpload?
    /// For the whole exchange; nil for no limit.
    package var timeout: Duration?
    /// Ends the exchange with ``CurlError/Code/timeout`` once nothing has come for so long, in whole seconds; nil for no limit.
    package var stallTimeout: Duration?
    package var connectTimeout: Duration
    /// Connects to this socket in place of the address's host.
    package var unixSocketPath: String?
    /// A longer body ends the exchange with ``CurlError/Code/tooLarge``.
    package var maximumBodyBytes: Int
    /// Opens a connection of its own. On one that was used before libcurl sends a request again by itself, where the server
    /// has closed it meanwhile, whether or not the server has seen it.
    package var isConnectionFresh = false
    /// Goes straight to its host, whatever proxy the environment names.
    package var isDirect = false

    package init(
        _ method: String = "GET", _ url: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = [],
        timeout: Duration? = .seconds(60), connectTimeout: Duration = .seconds(10), unixSocketPath: String? = nil,
        maximumBodyBytes: Int = 64 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.unixSocketPath = unixSocketPath
        self.maximumBodyBytes = maximumBodyBytes
    }
}

/// A body that is asked for piece by piece while it is sent, and never held whole.
package struct HTTPUpload: Sendable {
    /// How long it is, in bytes.
    package var byteCount: Int64
    /// Fills the front of the buffer, at least one byte of it, and returns how many. It is called on the transfer thread,
    /// which waits for it. What it throws ends the exchange with ``CurlError/Code/uploadFailed``; whoever made it knows why.
    package var read: @Sendable (UnsafeMutableRawBufferPointer) throws -> Int

    package init(byteCount: Int64, read: @escaping @Sendable (UnsafeMutableRawBufferPointer) throws -> Int) {
        self.byteCount = byteCount
        self.read = read
    }
}
