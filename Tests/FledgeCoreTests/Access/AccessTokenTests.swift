import FledgeCore
import Foundation
import Testing

@Suite("Tokens and what they allow")
struct AccessTokenTests {
    private static let now = Date(timeIntervalSince1970: 1_000_000)

    private static func token(
        _ name: String, _ scopes: [AccessScope] = [.read], owners: [String]? = nil, expires: Date? = nil
    ) -> AccessToken {
        AccessToken(
            name: name, grant: AccessGrant(scopes: scopes, owners: owners), createdBy: "user:ada", createdAt: now,
            expiresAt: expires)
    }

    @Test(
        "a name is a person's or a service's, and nothing that could pass for more",
        arguments: ["ada", "ci-nightly", "a.b@c_d", "7"])
    func names(_ name: String) throws {
        try Self.token(name).check(at: Self.now)
    }

    @Test(
        "other names are refused",
        arguments: ["", "-a", "a b", "a\nb", "a:b", "é", "settings\u{200B}", String(repeating: "x", count: 64), "../x"])
    func badNames(_ name: String) {
        let error = #expect(throws: FledgeError.self) { try Self.token(name).check(at: Self.now) }
        #expect(error?.code == "token.bad_name")
    }

    @Test("a token that may nothing, or is over at once, is refused")
    func useless() {
        #expect(throws: FledgeError.self) { try Self.token("a", []).check(at: Self.now) }
        #expect(throws: FledgeError.self) { try Self.token("a", expires: Self.now).check(at: Self.now) }
        #expect(throws: FledgeError.self) { try Self.token("a", owners: ["x\ny"]).check(at: Self.now) }
        #expect(Self.token("a", expires: Self.now + 1).isUsable(at: Self.now))
        #expect(!Self.token("a", expires: Self.now + 1).isUsable(at: Self.now + 1))
    }

    @Test("use cases and owners are added up")
    func reach() {
        let grant = AccessGrant(scopes: [.read], useCases: ["a"], owners: ["o"])
        #expect(grant.reaches("a", owner: nil) && grant.reaches("b", owner: "o") && !grant.reaches("b", owner: "p"))
        #expect(!grant.reaches("b", owner: nil) && AccessGrant.everything.reaches("b", owner: nil))
        #expect(!AccessGrant(scopes: [.read], useCases: []).reaches("a", owner: "o"))
    }

    @Test("bits are counted by what is not told by what stands before")
    func strength() {
        let strong = "9f3ac07be1d24c5688e0f1b7a2d6c394"
        #expect(TokenStrength.bits(of: strong) >= TokenStrength.enough)
        #expect(TokenStrength.bits(of: strong + strong) == TokenStrength.bits(of: strong))
        for weak in [
            "", "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "0123456789abcdef0123456789abcdef",
            "abababababababababababababababab",
        ] {
            #expect(TokenStrength.bits(of: weak) < 48, "\(weak)")
        }
    }

    @Test(
        "a bit is counted for each doubling of what a character can be",
        arguments: [
            // Characters that the ones before do not tell, and how many there are of their kind.
            ("83610472", 8, 10.0), ("9047f1c2", 8, 16), ("9047F1C2", 8, 16), ("9047a1c2", 8, 16),
            ("9047A1C2", 8, 16), ("qzhwkxbes", 9, 26),
            ("QZHWKXBES", 9, 26), ("g0GzZ9aAqQ1mM7bB5xX3k", 21, 62), ("g0GzZ9aAqQ1mM7bB5xX3k.", 22, 64),
            ("q z{hwkxbe", 10, 28), ("/:", 2, 2), ("@[", 2, 2), ("`{", 2, 2),
            // The first and the last letter and digit are of their kind; then few different characters: three times as many.
            ("QZHWKXSGa", 9, 27), ("QZHWKXSGz", 9, 27), ("qzhwkxsgA", 9, 27), ("qzhwkxsgZ", 9, 27),
            ("qzhwkxsgtp0", 11, 33), ("qzhwkxsgtp9", 11, 33),
            ("1213", 4, 9), ("ab", 2, 6), ("abzab", 5, 9),
            // Of a run its first three, up or down, and of a repetition the first time.
            ("0123456789", 3, 10), ("9876543210", 3, 10), ("1357924680", 7, 10), ("70917091", 4, 10),
            ("709170917", 4, 10), ("7091709", 7, 10), ("aa", 1, 3),
        ])
    func bits(token: String, characters: Int, kinds: Double) {
        #expect(abs(TokenStrength.bits(of: token) - Double(characters) * log2(kinds)) < 1e-9)
    }

    @Test("who is somebody else is told by the person, whichever way they came")
    func persons() {
        #expect(Caller.person("user:ada") == Caller.person("token:ada"))
        #expect(Caller.person("user:ada") != Caller.person("user:grace"))
        #expect(Caller.person("ada") == "ada")
    }
}
