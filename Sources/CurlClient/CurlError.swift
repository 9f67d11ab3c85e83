import CCurl

/// Why an exchange gave no answer. The message names host and port alone: never user-info, path, query or headers.
package struct CurlError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A stable name for the kind of failure; an open set.
    package struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }
        package var description: String { rawValue }

        package static let connectionRefused = Code(rawValue: "http.connection_refused")
        package static let connectionLost = Code(rawValue: "http.connection_lost")
        package static let timeout = Code(rawValue: "http.timeout")
        package static let dns = Code(rawValue: "http.dns")
        package static let proxy = Code(rawValue: "http.proxy")
        package static let tls = Code(rawValue: "http.tls")
        package static let cancelled = Code(rawValue: "http.cancelled")
        package static let tooLarge = Code(rawValue: "http.too_large")
        /// The body to be sent could not be read.
        package static let uploadFailed = Code(rawValue: "http.upload_failed")
        package static let badRequest = Code(rawValue: "http.bad_request")
        package static let closed = Code(rawValue: "http.client_closed")
        package static let other = Code(rawValue: "http.other")
    }

    package let code: Code
    package let message: String

    package var description: String { "\(message) (\(code))" }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ result: CURLcode, endpoint: String) {
        let code: Code =
            switch result {
            case CURLE_COULDNT_CONNECT: .connectionRefused
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .dns
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
                CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
                CURLE_SSL_INVALIDCERTSTATUS:
                .tls
            case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_HTTP2,
                CURLE_HTTP2_STREAM, CURLE_WEIRD_SERVER_REPLY:
                .connectionLost
            case CURLE_ABORTED_BY_CALLBACK: .uploadFailed
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badRequest
            default: .other
            }
        self.init(code, "\(endpoint): \(String(cString: curl_easy_strerror(result)))")
    }

    /// What was wrong with a certificate, by OpenSSL's number for it (`X509_V_ERR_…` of x509_vfy.h).
    static func certificateProblem(_ verification: Int) -> String {
        switch verification {
        case 9: "the server's certificate is not valid yet"
        case 10: "the server's certificate has expired"
        case 18...21: "the server's certificate is signed by an authority that is not trusted here"
        // libcurl compares the names itself and leaves the number as it was: 0, or 1 for none yet.
        case 0, 1, 62, 64: "the server's certificate is for another name"
        default: "the server's certificate could not be verified (problem \(verification))"
        }
    }

    static func cancelled(_ endpoint: String) -> CurlError { CurlError(.cancelled, "\(endpoint): cancelled") }
}
