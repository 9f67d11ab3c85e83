import FledgeCore
import Foundation

/// A repository of models at the Hugging Face hub, or at another that speaks its API.
struct HubRepository: Hashable, Sendable {
    static let endpointVariable = "HF_ENDPOINT"
    static let defaultEndpoint = "https://huggingface.co"

    /// The hub's address, without a slash at its end.
    let endpoint: String
    /// As in `Qwen/Qwen2.5-7B-Instruct`; old ones have a name alone.
    let name: String
    /// A branch, a tag or a commit.
    let revision: String

    /// - Parameter environment: `HF_ENDPOINT` names another hub.
    /// - Throws: `fetch.bad_repository`, `fetch.bad_revision` (exit 64), `hub.bad_endpoint` (exit 78).
    init(name: String, revision: String, environment: [String: String]) throws(FledgeError) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy(Self.isName) else {
            throw FledgeError(
                "fetch.bad_repository", "\(name) is not the name of a repository",
                hint: "OWNER/NAME, as in Qwen/Qwen2.5-0.5B-Instruct")
        }
        guard !revision.isEmpty, revision.unicodeScalars.allSatisfy({ (0x21...0x7E).contains($0.value) }) else {
            throw FledgeError(
                "fetch.bad_revision", "the revision is not the name of one", hint: "a branch, a tag or a commit")
        }
        var endpoint = environment[Self.endpointVariable].flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultEndpoint
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        let hasQuery = endpoint.contains("?") || endpoint.contains("#")
        guard let origin = HubOrigin(endpoint), origin.hasNoUser, !hasQuery else {
            // Not repeated: somebody may have put a token into it.
            throw FledgeError(
                "hub.bad_endpoint", "\(Self.endpointVariable) is not the address of a hub",
                hint: "as in \(Self.defaultEndpoint), without user or query")
        }
        self.endpoint = endpoint
        self.name = name
        self.revision = revision
    }

    private static func isName(_ part: Substring) -> Bool {
        !part.isEmpty && part.first != "." && part.utf8.count <= 96
            && part.unicodeScalars.allSatisfy { plain.contains($0) }
    }

    private static let plain = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")

    /// The name without its owner.
    var shortName: String { String(name.split(separator: "/").last ?? "") }

    /// Where a person reads about it, and accepts its terms.
    var page: String { "\(endpoint)/\(name)" }

    /// The list of files with their sizes and digests.
    var listing: String { "\(endpoint)/api/models/\(name)/revision/\(Self.quoted(revision))?blobs=true" }

    func address(of file: String, at commit: String) -> String {
        "\(endpoint)/\(name)/resolve/\(commit)/\(Self.quoted(file))"
    }

    private static func quoted(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: plain) ?? text
    }
}

/// Scheme, host and port of an address: whom a request speaks to.
struct HubOrigin: Hashable, Sendable {
    let scheme: String
    let host: String
    let port: Int
    let hasNoUser: Bool

    /// Nil for what is no address of HTTP.
    init?(_ address: String) {
        guard let parts = URLComponents(string: address), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host?.lowercased(), !host.isEmpty
        else { return nil }
        self.scheme = scheme
        self.host = host
        port = parts.port ?? (scheme == "https" ? 443 : 80)
        hasNoUser = parts.user == nil && parts.password == nil
    }
}
