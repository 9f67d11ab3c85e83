import FledgeCore
import FledgeDocument
import Testing

@Suite("Which keys may be sent where")
struct KeyRulesTests {
    private static let rules: KeyRules = {
        var rules =
            KeyRules(
                #"""
                {"EXAMPLE_API_KEY": ["api.example.com", "127.0.0.1:8000"], "/etc/fledge/keys": ["api.example.com"],
                 "/run/one": ["gpu-1:8000"], "FLEDGE_TOKEN": ["api.example.com"], "/var/lib/fledge": ["api.example.com"]}
                """#) ?? .none
        rules.own.variables = ["FLEDGE_TOKEN", "HELD"]
        rules.own.prefixes = ["PG"]
        rules.own.paths = ["/var/lib/fledge", "/etc/fledge/keys/token"]
        return rules
    }()

    @Test(
        "a key goes to the hosts that are named with it",
        arguments: [
            (.env("EXAMPLE_API_KEY"), "https://api.example.com/v1"),
            (.env("EXAMPLE_API_KEY"), "https://API.example.com:443/v1"),
            (.env("EXAMPLE_API_KEY"), "http://127.0.0.1:8000/v1"),
            (.file("/etc/fledge/keys/a"), "https://api.example.com/v1"),
            (.file("/etc/fledge/keys/b/c"), "https://api.example.com"), (.file("/run/one"), "http://gpu-1:8000/v1"),
        ] as [(SecretReference, String)])
    func allowed(key: SecretReference, url: String) {
        #expect(Self.rules.fault(of: key, to: url) == nil)
    }

    @Test(
        "and to no other host, port or reading of an address",
        arguments: [
            (.env("EXAMPLE_API_KEY"), "https://api.example.com.evil.example/v1"),
            (.env("EXAMPLE_API_KEY"), "https://evil.example/v1"), (.env("EXAMPLE_API_KEY"), "https://example.com/v1"),
            (.env("EXAMPLE_API_KEY"), "https://api.example.com:8443/v1"),
            (.env("EXAMPLE_API_KEY"), "http://api.example.com/v1"),
            (.env("EXAMPLE_API_KEY"), "http://127.0.0.1:8001/v1"), (.env("EXAMPLE_API_KEY"), "https://127.0.0.1/v1"),
            (.env("EXAMPLE_API_KEY"), "https://api.example.com@evil.example/v1"),
            (.env("EXAMPLE_API_KEY"), "https://evil.example@api.example.com/v1"),
            (.env("EXAMPLE_API_KEY"), #"https://evil.example\@api.example.com/v1"#),
            (.env("EXAMPLE_API_KEY"), "https://api.example.com./v1"),
            (.env("EXAMPLE_API_KEY"), "ftp://api.example.com"),
            (.env("AWS_SECRET_ACCESS_KEY"), "https://api.example.com/v1"),
            (.env("example_api_key"), "https://api.example.com/v1"), (.env(""), "https://api.example.com/v1"),
            (.file("/etc/fledge/keys"), "https://evil.example/v1"),
            (.file("/etc/fledge/keys2/a"), "https://api.example.com/v1"),
            (.file("/etc/fledge/keys/../fledged.json"), "https://api.example.com/v1"),
            (.file("/etc/fledge/keys/./a"), "https://api.example.com/v1"),
            (.file("etc/fledge/keys/a"), "https://api.example.com/v1"),
            (.file("/run/one"), "http://gpu-1/v1"), (.file("/etc/shadow"), "https://api.example.com/v1"),
        ] as [(SecretReference, String)])
    func refused(key: SecretReference, url: String) throws {
        let fault = try #require(Self.rules.fault(of: key, to: url))
        #expect(!fault.hint.isEmpty)
    }

    @Test(
        "what the daemon itself goes by is sent nowhere, whatever the settings say",
        arguments: [
            .env("FLEDGE_TOKEN"), .env("HELD"), .env("PGPASSWORD"), .file("/var/lib/fledge/postgres/x"),
            .file("/etc/fledge/keys/token"),
        ] as [SecretReference])
    func own(key: SecretReference) throws {
        let fault = try #require(Self.rules.fault(of: key, to: "https://api.example.com/v1"))
        #expect(fault.message.contains("the daemon's own"))
        #expect(Self.rules.ownAllowed == ["/var/lib/fledge", "FLEDGE_TOKEN"])
    }

    @Test("a link out of an allowed folder, or to the daemon's own, is not followed, and one within it is")
    func links() {
        func fault(_ target: String) -> KeyRules.Fault? {
            Self.rules.fault(of: .file("/etc/fledge/keys/a"), to: "https://api.example.com/v1") {
                $0 == "/etc/fledge/keys/a" ? target : $0
            }
        }
        #expect(fault("/etc/fledge/keys/..data/a") == nil)
        #expect(fault("/root/.aws/credentials") != nil)
        #expect(fault("/etc/fledge/keys/token")?.message.contains("the daemon's own") == true)
        let moved = Self.rules.fault(of: .file("/etc/fledge/keys/a"), to: "https://api.example.com/v1") {
            "/mnt/secret" + $0
        }
        #expect(moved == nil)
    }

    @Test("the settings' line that is missing is told")
    func line() throws {
        let fault = try #require(Self.rules.fault(of: .env("EXAMPLE_API_KEY"), to: "http://gpu-2:9000/v1"))
        #expect(
            fault.hint.hasSuffix(
                #""keys": {"EXAMPLE_API_KEY": ["127.0.0.1:8000", "api.example.com", "gpu-2:9000"]}"#))
        let unknown = try #require(KeyRules.none.fault(of: .file("/a/b"), to: "http://[::1]:80/v1"))
        #expect(unknown.hint.hasSuffix(#""keys": {"/a/b": ["[::1]:80"]}"#))
    }

    @Test("the line for a flag says the same as the object in a file")
    func forms() throws {
        let line = try #require(KeyRules("A_KEY=api.example.com, [::1]:80; /a=b/c=gpu-1:8000,;A_KEY=other.example"))
        let object = KeyRules(
            #"{"A_KEY": ["api.example.com", "[::1]:80", "other.example"], "/a=b/c": ["gpu-1:8000"]}"#)
        #expect(line == object)
    }

    @Test(
        "what allows nothing, or something that can't be meant, is refused",
        arguments: [
            "A_KEY", "A_KEY=", "=api.example.com", "a-key=api.example.com", "relative/path=api.example.com",
            "A_KEY=https://api.example.com", "A_KEY=*", "A_KEY=*.example.com", "A_KEY=me@api.example.com",
            "A_KEY=api.example.com:0", "A_KEY=api.example.com:x", "/=api.example.com", "/a/../b=api.example.com",
            "/a/=api.example.com", #"{"A_KEY": "api.example.com"}"#, #"{"A_KEY": []}"#, "{",
        ])
    func malformed(text: String) {
        #expect(KeyRules(text) == nil)
    }

    @Test("a fault is told at the line of its model")
    func diagnostics() throws {
        var document = DefinitionDocument(useCase: UseCaseDefinition(name: "x"), sourceFile: "x.swift")
        document.useCase.models = [
            ModelDefinition(name: "own", endpoint: .local),
            ModelDefinition(
                name: "theirs", endpoint: .openAICompatible(url: "https://evil.example/v1", key: .env("FLEDGE_TOKEN"))),
        ]
        document.locations = ["useCase": 3, "models[0]": 5, "models[1]": 6]
        let found = Self.rules.diagnostics(for: document)
        #expect(found.map(\.line) == [6] && found.map(\.code) == ["models.key_not_allowed"])
        #expect(found.map(\.severity) == [.error])
    }
}
