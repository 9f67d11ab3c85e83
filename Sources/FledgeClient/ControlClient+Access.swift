import FledgeAPI
import FledgeCore
import FledgeEngine

extension ControlClient {
    /// What a request has to say of who acts: the name that the daemon knows the caller by. A daemon of an earlier version
    /// does not tell, and takes the local user's word.
    package func actor() async throws -> String {
        do {
            return try await ask(Endpoints.caller, EmptyRequest()).name
        } catch let error as FledgeError where error.code == .requestNotFound {
            return LocalUser.actor
        }
    }

    package func tokens() async throws -> [AccessToken] { try await ask(Endpoints.tokens, EmptyRequest()) }

    package func createToken(_ request: TokenRequest, actor: String) async throws -> MadeToken {
        try await ask(Endpoints.createToken, BodyRequest(request))
    }

    package func revokeToken(_ name: String, actor: String) async throws -> AccessToken {
        try await ask(Endpoints.revokeToken, NamedRequest(name: name))
    }
}
