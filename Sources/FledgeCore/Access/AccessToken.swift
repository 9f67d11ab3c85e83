import Foundation

/// A person's or a service's token, without what it is: that is shown once and never kept.
///
/// Its SHA-256 is kept. A plain hash is enough for a random text of 256 bits: nobody can try them all, and there is no word
/// to guess.
package struct AccessToken: Codable, Hashable, Sendable {
    package var name: String
    package var grant: AccessGrant
    package var createdBy: String
    package var createdAt: Date
    /// Nil for never.
    package var expiresAt: Date?
    package var revokedAt: Date?
    package var revokedBy: String?

    package init(
        name: String, grant: AccessGrant, createdBy: String, createdAt: Date, expiresAt: Date? = nil,
        revokedAt: Date? = nil, revokedBy: String? = nil
    ) {
        self.name = name
        self.grant = grant
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.revokedBy = revokedBy
    }

    package func isUsable(at date: Date) -> Bool { revokedAt == nil && expiresAt.map { date < $0 } ?? true }

    package var caller: Caller { Caller(name: "token:\(name)", grant: grant) }

    /// - Throws: `token.bad_name`, `token.no_scope`, `token.expired` (exit 64).
    package func check(at date: Date) throws(FledgeError) {
        let first = name.unicodeScalars.first
        let isName =
            first.map { Self.isLetterOrDigit($0) } == true && name.unicodeScalars.count <= 63
            && name.unicodeScalars.allSatisfy { Self.isLetterOrDigit($0) || "._@-".unicodeScalars.contains($0) }
        guard isName else {
            throw FledgeError(
                "token.bad_name", "that is no name for a token", place: "name",
                hint:
                    "name the person or the service: letters, digits and . _ @ -, a letter or digit first, at most 63")
        }
        guard !grant.scopes.isEmpty else {
            throw FledgeError(
                "token.no_scope", "the token may do nothing", place: "scopes",
                hint: "give it --scope \(AccessScope.allCases.map(\.rawValue).joined(separator: ","))")
        }
        for owner in grant.owners ?? [] { try InboundText.check(owner, field: "owners") }
        for useCase in grant.useCases ?? [] { try InboundText.check(useCase, field: "useCases") }
        guard isUsable(at: date) else {
            throw FledgeError(
                "token.expired", "the token would have expired already", place: "expires")
        }
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
    }
}
