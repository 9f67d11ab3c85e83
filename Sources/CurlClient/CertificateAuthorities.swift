import Foundation

/// The certificate authorities that servers' certificates are checked against.
///
/// libcurl's own command line tool reads `CURL_CA_BUNDLE`, else `SSL_CERT_DIR` and `SSL_CERT_FILE`; the library reads
/// none of them, so they are read here, with the tool's precedence. Where none is set, it is the system's own authorities.
package struct CertificateAuthorities: Sendable, Hashable {
    /// A file of PEM certificates; nil for libcurl's default.
    package var file: String?
    /// A folder of PEM certificates, named as `openssl rehash` does; nil for libcurl's default.
    package var directory: String?

    package init(file: String? = nil, directory: String? = nil) {
        self.file = file
        self.directory = directory
    }

    package init(environment: [String: String]) {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let bundle = variable("CURL_CA_BUNDLE") {
            file = bundle
        } else {
            file = variable("SSL_CERT_FILE")
            directory = variable("SSL_CERT_DIR")
        }
    }

    /// The authorities that this process's environment names.
    package static var current: CertificateAuthorities {
        CertificateAuthorities(environment: ProcessInfo.processInfo.environment)
    }
}
