import FledgeCore
import FledgeDocument
import Foundation

extension ControlService {
    package func tokens() async throws -> [AccessToken] { try await stores.storedTokens().map(\.token) }

    package func createToken(_ request: TokenRequest, actor: String) async throws -> MadeToken {
        // Whole milliseconds, as a database keeps them.
        let at = Date(timeIntervalSince1970: (now().timeIntervalSince1970 * 1000).rounded() / 1000)
        guard request.seconds.map({ (1...AccessToken.longest).contains($0) }) ?? true else {
            throw FledgeError(
                "token.bad_expiry", "a token lasts from one second to ten years", place: "seconds",
                hint: "write --expires like 90d, 12h or 4w")
        }
        let token = AccessToken(
            name: request.name, grant: request.grant, createdBy: actor, createdAt: at,
            expiresAt: request.seconds.map { at + TimeInterval($0) })
        try token.check(at: at)
        let secret = AccessToken.newSecret()
        guard let stored = try await stores.store(token, sha256: Digest(of: secret)) else {
            throw FledgeError(
                "token.exists.conflict", "there is a token \(token.name) already",
                hint: "fledge token revoke \(token.name), or choose another name")
        }
        return MadeToken(token: stored, secret: secret)
    }

    package func revokeToken(_ name: String, actor: String) async throws -> AccessToken {
        guard let revoked = try await stores.revoke(name, by: actor, at: now()) else {
            let names = try await stores.storedTokens().map(\.token).filter { $0.revokedAt == nil }.map(\.name)
            throw FledgeError(
                "token.unknown", "there is no token \(InertText.line(name, limit: 80)) in use",
                hint: Suggestion.hint(for: name, among: names, else: "fledge token list shows them"))
        }
        return revoked
    }

    /// Whether the actor may approve what waits for it, where the definition asks for another person than its author.
    ///
    /// - Throws: `access.own_revision` (status 403).
    func checkApproval(by actor: String, of cycle: Cycle) async throws {
        guard try await needsAnother(cycle) else { return }
        // A cycle takes over revisions that ask for no new evidence: whoever wrote one of them has had a hand in it.
        var authors = [cycle.revision.appliedBy]
        for entry in try await stores.history(of: cycle.useCase)
        where entry.cycle == cycle.number && Self.authorship.contains(entry.event) {
            authors.append(entry.actor)
        }
        guard let author = authors.first(where: { Caller.person($0) == Caller.person(actor) }) else { return }
        throw FledgeError(
            "access.own_revision", "\(actor) can't approve this: \(author) applied it",
            hint: "the definition says Approval(.manual, byAnother: true): let somebody else approve it")
    }

    /// Whether this revision, or one since the one in production, asks for it: who could lift the rule and approve at once
    /// would have no rule.
    private func needsAnother(_ cycle: Cycle) async throws -> Bool {
        if cycle.definition.production?.byAnother == true { return true }
        let champion = try await stores.releases(of: cycle.useCase).first(where: \.isChampion)
        let last = cycle.revision.number
        for number in min(champion?.bundle.definitionRevision ?? 1, last)...last {
            let revision = try await stores.revision(number, of: cycle.useCase)
            if revision?.document.useCase.production?.byAnother == true { return true }
        }
        return false
    }

    private static let authorship: Set<String> = [
        CycleEvent.Kind.started.rawValue, CycleEvent.Kind.revisionAdopted.rawValue,
    ]
}

extension AccessToken {
    /// Ten years in seconds.
    package static let longest: Int64 = 3650 * 86_400

    /// 256 bits of the system's randomness. The beginning lets scanners find one that was published by mistake.
    static func newSecret() -> String {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<4).map { _ in
            let text = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return "fledge_" + words.joined()
    }
}
