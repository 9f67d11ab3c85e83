import CurlClient
import FledgeCore
import FledgeEngine
import Foundation

/// Asks a hub. The token goes to the hub's own origin, and to nobody that it sends on to.
struct HubClient: Sendable {
    let repository: HubRepository
    /// The token of an account at the hub; nil for none.
    let token: String?
    var http = CurlClient()

    private static let redirects = 8

    /// - Throws: `hub.…`; what may pass with exit 75.
    func listing() async throws -> HubListing {
        let (head, body) = try await get(repository.listing, maximumBytes: 32 << 20)
        guard head.status == 200 else { throw failure(head, of: nil) }
        var bytes: [UInt8] = []
        do { for try await piece in body { bytes += piece } } catch { throw Self.failure(error) }
        guard let listing = try? JSONProfile.foreign.value(HubListing.self, from: Data(bytes)),
            listing.sha.wholeMatch(of: /[0-9a-f]{7,64}/) != nil
        else {
            throw FledgeError(
                "hub.bad_listing", "the hub's list of files cannot be read",
                hint: "check \(HubRepository.endpointVariable)", exitCode: .unavailable)
        }
        return listing
    }

    /// A file's bytes from the offset on, in a body that may fail with what ``failure(_:)`` makes of it.
    ///
    /// - Returns: the head with a status of 206, or of 200 where all of the file comes.
    func open(
        _ file: HubFile, at commit: String, from offset: Int64
    ) async throws -> (head: HTTPResponseHead, body: HTTPBody) {
        let (head, body) = try await get(
            repository.address(of: file.name, at: commit), range: offset > 0 ? "bytes=\(offset)-" : nil,
            maximumBytes: Int(clamping: file.size))
        guard head.status == 200 || offset > 0 && [206, 416].contains(head.status) else {
            throw failure(head, of: file.name)
        }
        return (head, body)
    }

    /// Follows redirects by hand: whoever the hub sends on to does not get the token.
    private func get(
        _ url: String, range: String? = nil, maximumBytes: Int
    ) async throws -> (head: HTTPResponseHead, body: HTTPBody) {
        var url = url
        for _ in 0...Self.redirects {
            var request = HTTPRequest("GET", url, timeout: nil, maximumBodyBytes: maximumBytes)
            request.stallTimeout = .seconds(60)
            // A range is one of the bytes as they are, and so is the digest.
            request.headers = ["Accept-Encoding": "identity", "User-Agent": "fledge/\(FledgeVersion.current)"]
            if let range { request.headers.append("Range", range) }
            if let token, HubOrigin(url) == HubOrigin(repository.endpoint) {
                request.headers.append("Authorization", "Bearer \(token)")
            }
            let answer: (head: HTTPResponseHead, body: HTTPBody)
            do { answer = try await http.stream(request) } catch { throw Self.failure(error) }
            guard [301, 302, 303, 307, 308].contains(answer.head.status) else { return answer }
            url = try next(after: url, answer.head)
        }
        throw Self.badRedirect("the hub sends on from one address to another without an end")
    }

    private func next(after url: String, _ head: HTTPResponseHead) throws(FledgeError) -> String {
        guard let location = head.headers["location"],
            let target = URL(string: location, relativeTo: URL(string: url))?.absoluteString,
            let origin = HubOrigin(target)
        else { throw Self.badRedirect("the hub sends on to no address") }
        guard origin.scheme == "https" || HubOrigin(url)?.scheme == "http" else {
            throw Self.badRedirect("the hub sends on from https to http")
        }
        return target
    }

    private static func badRedirect(_ message: String) -> FledgeError {
        FledgeError("hub.bad_redirect", message, hint: "check the proxy and the hub's address")
    }

    /// What a transfer's failure means; what may pass has exit 75.
    static func failure(_ error: any Error) -> FledgeError {
        guard let error = error as? CurlError else {
            return error as? FledgeError
                ?? FledgeError("hub.unreachable", "the hub's answer was lost", exitCode: .tryAgain)
        }
        switch error.code {
        case .connectionLost, .connectionRefused, .timeout, .dns:
            return FledgeError(
                "hub.unreachable", error.message, hint: "check the network; the same command goes on where it ended",
                exitCode: .tryAgain)
        case .tooLarge:
            return FledgeError(
                "hub.wrong_content", "the hub sends more than it said", hint: "try again")
        case .tls:
            return FledgeError(
                "hub.unreachable", error.message, hint: "name the authority of the certificate in SSL_CERT_FILE",
                exitCode: .unavailable)
        case .proxy:
            return FledgeError(
                "hub.unreachable", error.message, hint: "check http_proxy, https_proxy and no_proxy",
                exitCode: .unavailable)
        default: return FledgeError("hub.unreachable", error.message, hint: "try again", exitCode: .unavailable)
        }
    }

    /// What a status means that is no success.
    ///
    /// - Parameter file: that was asked for; nil for the list of files.
    private func failure(_ head: HTTPResponseHead, of file: String?) -> FledgeError {
        let (name, page) = (repository.name, repository.page)
        let kind = head.headers["x-error-code"] ?? ""
        let giving = "a token of yours: --token env:HF_TOKEN"
        if kind == "GatedRepo" || head.status == 403 {
            return FledgeError(
                "hub.gated", "\(name) is gated: its terms have to be accepted first (status \(head.status))",
                hint: token == nil
                    ? "accept them at \(page), and give \(giving)" : "accept them at \(page) with the token's account")
        }
        switch (head.status, kind) {
        case (404, "RevisionNotFound"):
            return FledgeError(
                "hub.unknown_revision", "\(name) has no revision \(repository.revision)",
                hint: "its branches and tags are at \(page)/tree/main")
        case (401, _), (404, "RepoNotFound"):
            return FledgeError(
                "hub.no_access", "the hub has no model \(name), or keeps it from you (status \(head.status))",
                hint: token == nil
                    ? "check the name; where it is gated or private, accept its terms at \(page), and give \(giving)"
                    : "check the name, and that the token's account may read it: \(page)")
        case (404, _) where file == nil:
            return FledgeError(
                "hub.no_access", "the hub has no model \(name) at \(repository.revision) (status 404)",
                hint: "check the name and the revision: \(page)")
        case (408, _), (425, _), (429, _), (500..., _):
            return FledgeError(
                "hub.unavailable", "the hub takes no more requests for now (status \(head.status))",
                hint: "try again later; a token allows more requests")
        default:
            return FledgeError(
                "hub.refused", "the hub does not send \(file ?? "the list of files") (status \(head.status))",
                hint: "look at \(page)")
        }
    }
}
