import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine

/// Posts each head of the evidence to an address of the operator's, as one JSON object.
///
/// With a secret, `X-Fledge-Signature: sha256=…` is the HMAC-SHA-256 of the body under it, in hexadecimal digits. Any status of
/// 2xx says that it was taken; redirects are not followed.
struct AnchorWebhook: AuditNoticeSender {
    /// What the settings say.
    struct Settings: Hashable, Sendable {
        var url: String
        /// Read anew for each notice, so that it can be changed.
        var secret: SecretReference?

        /// Nil for what is neither https nor on this machine, and for an address with a user, a password or signs that
        /// programs read in more than one way.
        init?(url: String) {
            guard let host = ServerHost(url: url), url.utf8.count <= 2000,
                url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
                url.lowercased().hasPrefix("https://") || host.isLoopback
            else { return nil }
            self.url = url
        }

        /// The host alone: the rest may be a secret.
        var place: String { ServerHost(url: url)?.description ?? "" }

        /// Whether it is on this machine.
        var isLocal: Bool { ServerHost(url: url)?.isLoopback == true }
    }

    let settings: Settings
    let environment: [String: String]
    let client = CurlClient()

    func send(_ notice: AuditNotice) async throws {
        let body = notice.json
        var headers: HTTPHeaders = [
            "Content-Type": "application/json", "User-Agent": "fledged/\(FledgeVersion.current)",
        ]
        if let reference = settings.secret {
            guard let secret = try reference.read(environment: environment) else {
                throw failure(
                    "its secret \(reference) is not there or empty", hint: "restore it, or change anchorSecret")
            }
            headers.append("X-Fledge-Signature", "sha256=\(Digest(authenticating: body, with: secret))")
        }
        var request = HTTPRequest(
            "POST", settings.url, headers: headers, body: body, timeout: .seconds(10), maximumBodyBytes: 64 << 10)
        request.isDirect = settings.isLocal
        let response: HTTPResponse
        do { response = try await client.execute(request) } catch {
            throw failure(error.message, hint: "see whether it can be reached from the daemon's machine")
        }
        guard (200..<300).contains(response.status) else {
            throw AuditNoticeRefusal(
                failure("it answered with status \(response.status)", hint: "see the log of the receiver"))
        }
    }

    private func failure(_ why: String, hint: String) -> FledgeError {
        FledgeError(
            "audit.webhook_failed", "the evidence's heads did not reach \(settings.place): \(why)", hint: hint)
    }
}
