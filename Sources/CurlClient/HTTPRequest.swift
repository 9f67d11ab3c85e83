/// A request to be sent as it stands: redirects are not followed.
package struct HTTPRequest: Sendable {
    package var method: String
    /// An absolute `http` or `https` address.
    package var url: String
    package var headers: HTTPHeaders
    package var body: [UInt8]
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
