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
