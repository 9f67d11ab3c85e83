import FledgeAPI
import FledgeCore
import FledgeEngine

extension ControlClient {
    /// What a request has to say of who acts: the name that the daemon knows the caller by. A daemon of an earlier version
    /// does not tell, and takes the local user's word.
    package func actor() async throws -> String {
        do {
            let caller: CallerView = try await get("caller")
            return caller.name
        } catch let error as FledgeError where error.code == .requestNotFound {
            return LocalUser.actor
        }
    }

    package func tokens() async throws -> [AccessToken] { try await get("tokens") }

    package func createToken(_ request: TokenRequest, actor: String) async throws -> MadeToken {
        try await post("tokens", request)
    }

    package func revokeToken(_ name: String, actor: String) async throws -> AccessToken {
        struct Nothing: Encodable {}
        return try await post("tokens/\(escaped(name))/revoke", Nothing())
    }
}
