import FledgeCore
import FledgeEngine
import Foundation
import Synchronization

extension MemoryControlAPI {
    package func tokens() async throws -> [AccessToken] { [] }

    package func createToken(_ request: TokenRequest, actor: String) async throws -> MadeToken {
        commands.withLock { $0.append("token \(request.name) \(actor)") }
        return MadeToken(
            token: AccessToken(name: request.name, grant: request.grant, createdBy: actor, createdAt: Fixtures.date),
            secret: "fledge_secret")
    }

    package func revokeToken(_ name: String, actor: String) async throws -> AccessToken {
        commands.withLock { $0.append("revoke \(name) \(actor)") }
        return AccessToken(
            name: name, grant: .everything, createdBy: actor, createdAt: Fixtures.date, revokedAt: Fixtures.date,
            revokedBy: actor)
    }
}

/// Tokens without a database.
package final class MemoryAccessStore: AccessStore {
    private let kept: Mutex<[(token: AccessToken, sha256: Digest)]>

    /// - Parameter tokens: by what they are.
    package init(_ tokens: [String: AccessToken]) {
        kept = Mutex(tokens.map { (token: $0.value, sha256: Digest(of: $0.key)) })
    }

    package func storedTokens() async throws -> [(token: AccessToken, sha256: Digest)] { kept.withLock { $0 } }

    package func store(_ token: AccessToken, sha256: Digest) async throws -> AccessToken? {
        kept.withLock { $0.append((token, sha256)) }
        return token
    }

    package func revoke(_ name: String, by actor: String, at date: Date) async throws -> AccessToken? {
        kept.withLock { kept in
            guard let index = kept.firstIndex(where: { $0.token.name == name && $0.token.revokedAt == nil }) else {
                return nil
            }
            kept[index].token.revokedAt = date
            kept[index].token.revokedBy = actor
            return kept[index].token
        }
    }
}
