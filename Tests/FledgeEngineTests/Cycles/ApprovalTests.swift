import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Testing

@Suite("Approvals by another")
struct ApprovalTests {
    private static func definition(byAnother: Bool?, purpose: String = "Tell even from odd.") -> UseCaseDefinition {
        var definition = EngineFixture.definition(approval: .manual, purpose: purpose)
        definition.production?.byAnother = byAnother
        return definition
    }

    @Test("whoever applied a revision can't approve it, by whichever way, and somebody else can")
    func ownRevision() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply(Self.definition(byAnother: true))
            try await fixture.work { $0.activity == .awaitingApproval }
            for author in ["ada", "user:ada", "token:ada"] {
                let refused = await code { _ = try await fixture.control.send(.approve, to: "parity", actor: author) }
                #expect(refused == "access.own_revision")
            }
            #expect(try await fixture.currentState().activity == .awaitingApproval)
            _ = try await fixture.control.send(.approve, to: "parity", actor: "user:grace")
            try await fixture.work { $0.isLive }
            #expect(try await fixture.control.releases(name: "parity").map(\.bundle.approvedBy) == ["user:grace"])
        }
    }

    @Test("nobody lifts the rule and approves at once")
    func lifted() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply(Self.definition(byAnother: true))
            try await fixture.work { $0.activity == .awaitingApproval }
            let adopted = try await fixture.apply(Self.definition(byAnother: nil, purpose: "Another."))
            #expect(adopted.adoptedByCycle == 1)
            let refused = await code { _ = try await fixture.control.send(.approve, to: "parity", actor: "user:ada") }
            #expect(refused == "access.own_revision")
        }
    }

    @Test("without the rule the author may approve")
    func withoutRule() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply(Self.definition(byAnother: nil))
            try await fixture.work { $0.activity == .awaitingApproval }
            _ = try await fixture.control.send(.approve, to: "parity", actor: "user:ada")
            try await fixture.work { $0.isLive }
        }
    }

    @Test("a revision's source is what the client sent, and said to be that")
    func source() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply(Self.definition(byAnother: nil))
            #expect(try await fixture.control.explain(name: "parity").isSourceVerified == false)
            let report = try await fixture.store.reportContent(useCase: "parity", from: nil, to: Date())
            #expect(report.useCases.map(\.isSourceVerified) == [false])
        }
    }

    @Test("a token is made once, is kept as a hash, expires, and is gone when it is revoked")
    func tokens() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            let control = fixture.control
            let request = TokenRequest(
                name: "nightly", grant: AccessGrant(scopes: [.read, .operate], owners: ["numbers"]), seconds: 3600)
            let made = try await control.createToken(request, actor: "user:ada")
            #expect(made.secret.hasPrefix("fledge_") && made.secret.count == 71)
            #expect(made.token.createdBy == "user:ada")
            let lasting = try #require(made.token.expiresAt).timeIntervalSince(made.token.createdAt)
            #expect(abs(lasting - 3600) < 0.001)
            let stored = try await fixture.store.storedTokens()
            #expect(stored.map(\.sha256) == [Digest(of: made.secret)] && stored.map(\.token) == [made.token])
            let again = await code { _ = try await control.createToken(request, actor: "user:ada") }
            #expect(again == "token.exists.conflict")
            let revoked = try await control.revokeToken("nightly", actor: "user:grace")
            #expect(revoked.revokedBy == "user:grace" && !revoked.isUsable(at: revoked.createdAt))
            let gone = await code { _ = try await control.revokeToken("nightly", actor: "user:grace") }
            #expect(gone == "token.unknown")
            // The name is free again, and the old one stays in the list.
            let second = try await control.createToken(request, actor: "user:ada")
            #expect(second.secret != made.secret)
            #expect(try await control.tokens().map(\.name) == ["nightly", "nightly"])
            for seconds in [0, -1, Int64.max] {
                let bad = await code {
                    _ = try await control.createToken(
                        TokenRequest(name: "x", grant: AccessGrant(scopes: [.read]), seconds: seconds), actor: "a")
                }
                #expect(bad == "token.bad_expiry")
            }
        }
    }
}
