import FledgeCore
import Foundation

/// `fledge token`.
enum TokenText {
    static func table(_ tokens: [AccessToken], now: Date) -> String {
        guard !tokens.isEmpty else { return "no token yet: fledge token create NAME --scope read" }
        return TextTable(
            ["Name", "State", "May", "For", "Made", "By", "Expires"],
            rows: tokens.map { token in
                [
                    token.name, state(token, now), token.grant.scopes.map(\.rawValue).joined(separator: ","),
                    reach(token.grant), ValueText.date(token.createdAt), token.createdBy,
                    token.expiresAt.map { ValueText.date($0) } ?? "never",
                ]
            }
        ).render()
    }

    static func made(_ token: AccessToken) -> String {
        let until = token.expiresAt.map { "until \(ValueText.date($0))" } ?? "until it is revoked"
        let scopes = token.grant.scopes.map(\.rawValue).joined(separator: ", ")
        return InertText.line(
            "token \(token.name) may \(scopes) for \(reach(token.grant)), \(until); it is shown this once:")
    }

    private static func state(_ token: AccessToken, _ now: Date) -> String {
        if let at = token.revokedAt { return "revoked \(ValueText.date(at)) by \(token.revokedBy ?? "nobody known")" }
        return token.isUsable(at: now) ? "in use" : "expired"
    }

    private static func reach(_ grant: AccessGrant) -> String {
        guard grant.isLimited else { return "every use case" }
        return ((grant.useCases ?? []) + (grant.owners ?? []).map { "those of \($0)" }).joined(separator: ", ")
    }
}
