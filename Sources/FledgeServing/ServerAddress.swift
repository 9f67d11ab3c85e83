import CurlClient
import FledgeDocument

/// Where a server takes chat completions, and how it takes the key.
struct ServerAddress: Hashable, Sendable {
    /// Without a slash at its end.
    let base: String
    /// What is asked for behind the path, without the question mark; nil for nothing.
    let query: String?
    let key: SecretReference?
    /// The key itself, of a server that the daemon has started.
    private(set) var given: String?
    /// Whether the key goes into Azure's own field.
    let isAzure: Bool

    /// The base of an OpenAI-compatible API.
    init(base: String, key: SecretReference?) {
        self.base = Self.withoutSlashes(base)
        self.key = key
        query = nil
        isAzure = false
    }

    /// The API of a server that the daemon has started, with the key that it was started with.
    init(base: String, given: String) {
        self.init(base: base, key: nil)
        self.given = given
    }

    /// A model deployed at an Azure OpenAI resource.
    init(azure url: String, deployment: String, apiVersion: String, key: SecretReference?) {
        base = "\(Self.withoutSlashes(url))/openai/deployments/\(deployment)"
        query = "api-version=\(apiVersion)"
        self.key = key
        isAzure = true
    }

    var completions: String { url(of: "/chat/completions") }

    /// - Parameter route: below the base, with a slash at its beginning.
    func url(of route: String) -> String { base + route + (query.map { "?\($0)" } ?? "") }

    /// Where the routes lie that are not OpenAI's.
    var root: String { base.hasSuffix("/v1") ? String(base.dropLast(3)) : base }

    /// Nil where the server has no list of what is served under this address.
    var models: String? { isAzure ? nil : base + "/models" }

    /// The address as it may be shown: without a user and a password.
    var shown: String { ModelFailure.withoutUser(base) + (query.map { "?\($0)" } ?? "") }

    func authorise(_ request: inout HTTPRequest, with secret: String?) {
        guard let secret else { return }
        if isAzure {
            request.headers.append("api-key", secret)
        } else {
            request.headers.append("Authorization", "Bearer \(secret)")
        }
    }

    private static func withoutSlashes(_ url: String) -> String {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        return url
    }
}
