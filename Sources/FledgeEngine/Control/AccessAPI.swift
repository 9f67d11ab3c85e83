import FledgeCore
import Foundation

/// Tokens of people and services; see ``ControlAPI`` for what holds for all that is asked.
package protocol AccessAPI: Sendable {
    /// Those of before too: who was let in until when.
    func tokens() async throws -> [AccessToken]
    /// - Returns: with the secret, which nobody can tell again.
    /// - Throws: `token.exists.conflict`, also the second time; `token.bad_…` for what is wrong with the request.
    func createToken(_ request: TokenRequest, actor: String) async throws -> MadeToken
    /// - Throws: `token.unknown`, also the second time.
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
