import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@testable import FledgeCLI

@Suite("Tokens on the command line")
struct TokenTextTests {
    private static func token(
        _ name: String, _ scopes: [AccessScope], useCases: [String]? = nil, owners: [String]? = nil,
        expires: Date? = nil, revoked: Date? = nil
    ) -> AccessToken {
        AccessToken(
            name: name, grant: AccessGrant(scopes: scopes, useCases: useCases, owners: owners), createdBy: "user:ada",
            createdAt: Fixtures.date, expiresAt: expires, revokedAt: revoked, revokedBy: revoked.map { _ in "user:ada" }
        )
    }

    @Test("what is typed for a token is checked before it is asked for")
    func commandLine() throws {
        #expect(try TokenCommand.Create.scopes("read, operate,read") == [.read, .operate])
        #expect(throws: (any Error).self) { try TokenCommand.Create.scopes("root") }
        #expect(throws: (any Error).self) { try TokenCommand.Create.scopes(",") }
        #expect(try TokenCommand.Create.seconds("90d") == 90 * 86_400)
        #expect(throws: (any Error).self) { try TokenCommand.Create.seconds("0d") }
        let table = TokenText.table(
            [
                Self.token("reader", [.read], useCases: ["a"], owners: ["b"]),
                Self.token("late", [.approve], expires: Fixtures.date),
                Self.token("gone", [.serve], revoked: Fixtures.date),
            ], now: Fixtures.date)
        #expect(table.contains("a, those of b") && table.contains("expired") && table.contains("revoked 2025"))
    }
}
