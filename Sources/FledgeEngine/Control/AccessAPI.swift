import FledgeCore
import Foundation

/// A token that somebody asks for.
package struct TokenRequest: Codable, Hashable, Sendable {
    package var name: String
    package var grant: AccessGrant
    /// From now; nil for one that does not expire.
    package var seconds: Int64?

    package init(name: String, grant: AccessGrant, seconds: Int64?) {
        self.name = name
        self.grant = grant
        self.seconds = seconds
    }
}

/// A token as it is shown once, to whoever asked for it.
package struct MadeToken: Codable, Hashable, Sendable {
    package var token: AccessToken
    package var secret: String

    package init(token: AccessToken, secret: String) {
        self.token = token
        self.secret = secret
    }
}

/// Tokens of people and services.
package protocol AccessAPI: Sendable {
    /// Those of before too: who was let in until when.
    func tokens() async throws -> [AccessToken]
    /// - Throws: `token.exists.conflict`, and what is wrong with the request.
    func createToken(_ request: TokenRequest, actor: String) async throws -> MadeToken
    /// - Throws: `token.unknown`.
    func revokeToken(_ name: String, actor: String) async throws -> AccessToken
}

/// Where tokens are kept, by their hashes.
package protocol AccessStore: Store {
    func storedTokens() async throws -> [(token: AccessToken, sha256: Digest)]
    /// - Returns: nil where a token of that name is in use.
    func store(_ token: AccessToken, sha256: Digest) async throws -> AccessToken?
    /// - Returns: nil where no token of that name is in use: so also the second time.
    func revoke(_ name: String, by actor: String, at date: Date) async throws -> AccessToken?
}
