import CurlClient
import FledgeAPI
import FledgeClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServer
import FledgeTestKit
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@Suite("Who may ask the daemon for what")
struct AccessTests {
    /// A daemon's two doors.
    struct Doors: Sendable {
        let api: MemoryControlAPI
        let store: MemoryAccessStore
        let socket: String
        let address: String

        func ask(
            _ method: String = "GET", _ path: String, token: String? = nil, body: String = "",
            headers: [(String, String)] = []
        ) async throws -> (status: Int, text: String) {
            var fields = HTTPHeaders()
            if let token { fields.append("Authorization", "Bearer \(token)") }
            for (name, value) in headers { fields.append(name, value) }
            let answer = try await CurlClient().execute(
                HTTPRequest(method, address + path, headers: fields, body: Array(body.utf8), timeout: .seconds(20)))
            return (answer.status, String(decoding: answer.body, as: UTF8.self))
        }

        func askSocket(_ method: String, _ path: String, body: String = "") async throws -> (status: Int, text: String)
        {
            let answer = try await CurlClient().execute(
                HTTPRequest(
                    method, "http://localhost" + path, body: Array(body.utf8), timeout: .seconds(20),
                    unixSocketPath: socket))
            return (answer.status, String(decoding: answer.body, as: UTF8.self))
        }
    }

    static let settings = "settings-5f0c9d3e7a1b48c2"

    private static func token(
        _ name: String, _ scopes: [AccessScope], useCases: [String]? = nil, owners: [String]? = nil,
        expires: Date? = nil, revoked: Date? = nil
    ) -> AccessToken {
        AccessToken(
            name: name, grant: AccessGrant(scopes: scopes, useCases: useCases, owners: owners), createdBy: "user:ada",
            createdAt: Fixtures.date, expiresAt: expires, revokedAt: revoked, revokedBy: revoked.map { _ in "user:ada" }
        )
    }

    private static let tokens = [
        "reader-secret": token("reader", [.read]), "worker-secret": token("worker", [.read, .operate]),
        "boss-secret": token("boss", [.approve]), "gateway-secret": token("gateway", [.serve]),
        "other-secret": token("other", AccessScope.allCases, useCases: ["another"]),
        "mine-secret": token("mine", [.read], useCases: ["lexical-category"]),
        "owner-secret": token("owner", [.read, .operate], owners: ["lexicography"]),
        "stranger-secret": token("stranger", [.read], owners: ["nobody"]),
        "late-secret": token("late", AccessScope.allCases, expires: Date(timeIntervalSince1970: 1)),
        "gone-secret": token("gone", AccessScope.allCases, revoked: Fixtures.date),
    ]

    private func serving(_ body: @escaping @Sendable (Doors) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let api = MemoryControlAPI()
            let store = MemoryAccessStore(Self.tokens)
            let log = LogText()
            let logger = Logger(label: "test") { StreamLogHandler(label: $0, stream: log) }
            let (listening, continuation) = AsyncStream.makeStream(of: Void.self)
            let server = ControlServer(
                api: api, socket: directory + "/s.sock",
                network: try ControlServer.Network(
                    host: "127.0.0.1", port: 0, token: Self.settings, metricsToken: "metrics-7c1e55a09b3d42f8",
                    names: ["fledge.example.org"]),
                tokens: store, spool: try await SubmissionSpool(in: directory + "/uploads"),
                onListening: { continuation.finish() }, logger: logger)
            let group = ServiceGroup(
                services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    defer { continuation.finish() }
                    try await group.run()
                }
                for await _ in listening {}
                let outcome: Result<Void, any Error>
                do {
                    // The log tells the port that it was given.
                    _ = await eventually { log.text.contains(/port=\d+/) }
                    let port = try #require(log.text.firstMatch(of: /port=(\d+)/)?.1)
                    try await body(
                        Doors(
                            api: api, store: store, socket: directory + "/s.sock", address: "http://127.0.0.1:\(port)"))
                    outcome = .success(())
                } catch { outcome = .failure(error) }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                try outcome.get()
            }
        }
    }

    private final class LogText: TextOutputStream, Sendable {
        private let kept = Mutex("")
        var text: String { kept.withLock { $0 } }
        func write(_ string: String) { kept.withLock { $0 += string } }
    }

    private static let pause = #"{"actor":"ACTOR","command":{"pause":{}}}"#
    private static let approve = #"{"actor":"ACTOR","command":{"approve":{}}}"#
    private static let path = "/v1/use-cases/lexical-category/commands"

    private static func command(_ command: String, by actor: String) -> String {
        command.replacing("ACTOR", with: actor)
    }

    /// A set of definitions without data, by their names and owners.
    private static func submission(_ definitions: [(name: String, owner: String)]) throws -> String {
        let requests = definitions.map { definition in
            ApplyRequest(
                document: DefinitionDocument(
                    useCase: UseCaseDefinition(name: definition.name, purpose: "Test.", owner: definition.owner),
                    sourceFile: "x.swift"), sourceText: "…", directory: "/", actor: "")
        }
        return String(decoding: try SubmissionHeader(definitions: requests, files: []).line(), as: UTF8.self)
    }

    @Test("of definitions that are applied together, the caller may apply all, or none is")
    func together() async throws {
        try await serving { doors in
            let type = [("Content-Type", SubmissionHeader.contentType)]
            let (own, new) = (("lexical-category", "lexicography"), ("new-one", "lexicography"))
            for (token, definitions, status, code) in [
                ("owner-secret", [own, new], 200, "["),
                ("owner-secret", [own, ("other", "somebody")], 403, "access.out_of_reach"),
                ("owner-secret", [("other", "somebody"), new], 403, "access.out_of_reach"),
                // It may not be given away either.
                ("owner-secret", [new, ("lexical-category", "somebody")], 403, "access.out_of_reach"),
                ("other-secret", [("another", "lexicography"), own], 403, "access.out_of_reach"),
                ("reader-secret", [own], 403, "access.scope_missing"),
            ] as [(String, [(String, String)], Int, String)] {
                for verb in ["plan", "apply"] {
                    let answer = try await doors.ask(
                        "POST", "/v1/definitions/\(verb)", token: token, body: try Self.submission(definitions),
                        headers: type)
                    #expect(answer.status == status && answer.text.contains(code), "\(token): \(answer.text)")
                }
            }
        }
    }

    @Test("over the socket the kernel says who acts, and nobody else")
    func socket() async throws {
        try await serving { doors in
            for claimed in ["", LocalUser.actor] {
                let answer = try await doors.askSocket("POST", Self.path, body: Self.command(Self.pause, by: claimed))
                #expect(answer.status == 200)
            }
            #expect(
                doors.api.commands.withLock { $0 }
                    == Array(repeating: "pause lexical-category \(LocalUser.actor)", count: 2))
            for forged in ["user:eve", "fledged", "automatic", "token:boss", "user:\(UInt32.max)"] {
                let answer = try await doors.askSocket("POST", Self.path, body: Self.command(Self.pause, by: forged))
                #expect(answer.status == 403 && answer.text.contains("access.other_actor"))
                #expect(answer.text.contains(LocalUser.actor))
            }
            #expect(doors.api.commands.withLock { $0.count } == 2)
            let caller = try await ControlClient(socket: doors.socket).actor()
            #expect(caller == LocalUser.actor)
        }
    }

    @Test(
        "an actor, a reason or a name that could forge a line is refused with the field's name",
        arguments: [
            ("actor", Self.path, #"{"actor":"user:ada\n9 forged","command":{"pause":{}}}"#),
            ("actor", Self.path, #"{"actor":"\u001b[2J","command":{"pause":{}}}"#),
            (
                "reason", "/v1/use-cases/lexical-category/rollback",
                #"{"actor":"","number":1,"reason":"fine\n9 forged"}"#
            ),
            (
                "reason", "/v1/use-cases/lexical-category/rollback",
                #"{"actor":"","number":1,"reason":"\u202e gnorw"}"#
            ),
            ("name", "/v1/use-cases/a%0Ab/commands", #"{"actor":"","command":{"pause":{}}}"#),
            ("name", "/v1/use-cases/a%C2%85b/rollback", #"{"actor":"","number":1,"reason":"r"}"#),
        ])
    func forgedLines(field: String, path: String, body: String) async throws {
        try await serving { doors in
            let answer = try await doors.askSocket("POST", path, body: body)
            #expect(answer.status == 400 && answer.text.contains("request.bad_text"))
            #expect(answer.text.contains(#""place":"\#(field)""#))
            #expect(doors.api.commands.withLock { $0.isEmpty })
        }
    }

    @Test("over TCP it is whose token it is, and a request can't say otherwise")
    func tokens() async throws {
        try await serving { doors in
            let done = try await doors.ask(
                "POST", Self.path, token: "worker-secret", body: Self.command(Self.pause, by: ""))
            #expect(done.status == 200)
            for forged in [LocalUser.actor, "user:ada", "token:boss"] {
                let answer = try await doors.ask(
                    "POST", Self.path, token: "worker-secret", body: Self.command(Self.pause, by: forged))
                #expect(answer.status == 403 && answer.text.contains("access.other_actor"))
            }
            #expect(doors.api.commands.withLock { $0 } == ["pause lexical-category token:worker"])
            let client = ControlClient(server: doors.address, token: "worker-secret")
            #expect(try await client.actor() == "token:worker")
        }
    }

    @Test("a token that is unknown, expired or revoked opens nothing: 401")
    func refused() async throws {
        try await serving { doors in
            for token in ["nothing", "late-secret", "gone-secret", "reader-secre", "reader-secrett", "", "reader"] {
                for path in ["/v1/daemon", "/v1/use-cases", "/", "/metrics"] {
                    #expect(try await doors.ask("GET", path, token: token).status == 401)
                }
            }
            #expect(try await doors.ask("GET", "/v1/use-cases").status == 401)
            #expect(try await doors.ask("GET", "/v1/use-cases", token: "reader-secret").status == 200)
            // At once, with no restart.
            _ = try await doors.store.revoke("reader", by: "user:ada", at: Date())
            #expect(try await doors.ask("GET", "/v1/use-cases", token: "reader-secret").status == 401)
        }
    }

    @Test("a scope that is missing is named: 403")
    func scopes() async throws {
        try await serving { doors in
            let releases = "/v1/use-cases/lexical-category/releases"
            let asked: [(String, String, String, String, AccessScope?)] = [
                ("reader-secret", "GET", "/v1/use-cases", "", nil), ("reader-secret", "GET", releases, "", nil),
                ("reader-secret", "POST", Self.path, Self.pause, .operate),
                ("reader-secret", "POST", Self.path, Self.approve, .approve),
                ("worker-secret", "POST", Self.path, Self.pause, nil),
                ("worker-secret", "POST", Self.path, Self.approve, .approve),
                ("boss-secret", "POST", Self.path, Self.approve, nil),
                ("boss-secret", "POST", Self.path, Self.pause, .operate),
                ("boss-secret", "GET", "/v1/use-cases", "", .read),
                ("gateway-secret", "GET", releases, "", nil), ("gateway-secret", "GET", "/v1/use-cases", "", .read),
                ("gateway-secret", "GET", "/v1/use-cases/lexical-category/history", "", .read),
                ("boss-secret", "GET", releases, "", .serve),
                ("reader-secret", "POST", "/v1/reports", #"{"formats":[]}"#, .operate),
                ("reader-secret", "POST", "/v1/work/7/retry", #"{"actor":""}"#, .operate),
                ("gateway-secret", "GET", "/v1/audit", "", .read), ("reader-secret", "GET", "/v1/audit", "", nil),
                ("gateway-secret", "GET", "/v1/audit/lexical-category", "", .read),
                ("gateway-secret", "GET", "/v1/audit/lexical-category/hashes", "", .read),
                ("boss-secret", "GET", "/v1/champions/adapters", "", .read),
                ("gateway-secret", "GET", "/metrics", "", .read), ("reader-secret", "GET", "/metrics", "", nil),
            ]
            for (token, method, path, body, missing) in asked {
                let answer = try await doors.ask(method, path, token: token, body: Self.command(body, by: ""))
                #expect(answer.status == (missing == nil ? 200 : 403), "\(token) \(method) \(path): \(answer.text)")
                if let missing {
                    #expect(answer.text.contains("access.scope_missing") && answer.text.contains(missing.rawValue))
                }
            }
        }
    }

    @Test("a token for some use cases reaches these alone")
    func reach() async throws {
        try await serving { doors in
            func status(_ token: String, _ path: String) async throws -> Int {
                try await doors.ask("GET", path, token: token).status
            }
            for token in ["mine-secret", "owner-secret"] {
                #expect(try await status(token, "/v1/use-cases/lexical-category/history") == 200)
                #expect(try await doors.ask("GET", "/v1/use-cases", token: token).text.contains("lexical-category"))
                #expect(try await status(token, "/v1/models") == 403)
                #expect(try await status(token, "/v1/champions/adapters") == 403)
                #expect(try await status(token, "/v1/audit/lexical-category") == 200)
                #expect(try await status(token, "/metrics") == 403)
            }
            for token in ["other-secret", "stranger-secret"] {
                let history = try await doors.ask("GET", "/v1/use-cases/lexical-category/history", token: token)
                #expect(history.status == 403 && history.text.contains("access.out_of_reach"))
                #expect(try await doors.ask("GET", "/v1/use-cases", token: token).text == "[]")
                #expect(try await doors.ask("GET", "/v1/work", token: token).text == "[]")
                #expect(try await doors.ask("GET", "/v1/audit", token: token).text == "[]")
                #expect(try await status(token, "/v1/audit/lexical-category") == 403)
                #expect(try await status(token, "/v1/audit/lexical-category/hashes") == 403)
            }
            // One that there is not is told from one of somebody else by nothing.
            let absent = try await doors.ask("GET", "/v1/use-cases/absent/history", token: "owner-secret")
            #expect(absent.status == 403)
            let command = try await doors.ask(
                "POST", Self.path, token: "other-secret", body: Self.command(Self.approve, by: ""))
            #expect(
                command.status == 403 && doors.api.commands.withLock { $0.filter { $0.hasPrefix("approve") }.isEmpty })
        }
    }

    @Test("tokens are made and revoked over the socket alone")
    func management() async throws {
        try await serving { doors in
            let request = #"{"name":"x","grant":{"scopes":["approve"]}}"#
            for token in [Self.settings, "other-secret", "worker-secret"] {
                for (method, path) in [("GET", "/v1/tokens"), ("POST", "/v1/tokens"), ("POST", "/v1/tokens/x/revoke")] {
                    let answer = try await doors.ask(method, path, token: token, body: method == "POST" ? request : "")
                    #expect(answer.status == 403 && answer.text.contains("access.socket_only"))
                }
            }
            let client = ControlClient(socket: doors.socket)
            let made = try await client.createToken(
                TokenRequest(name: "x", grant: AccessGrant(scopes: [.approve]), seconds: nil), actor: "user:eve")
            #expect(made.token.createdBy == LocalUser.actor)
            #expect(try await client.revokeToken("x", actor: "user:eve").revokedBy == LocalUser.actor)
        }
    }

    @Test("the one token of the settings works as before, under a name of its own")
    func settingsToken() async throws {
        try await serving { doors in
            for path in ["/v1/use-cases", "/v1/models", "/metrics", "/v1/use-cases/lexical-category/releases"] {
                #expect(try await doors.ask("GET", path, token: Self.settings).status == 200)
            }
            for command in [Self.pause, Self.approve] {
                let answer = try await doors.ask(
                    "POST", Self.path, token: Self.settings, body: Self.command(command, by: ""))
                #expect(answer.status == 200)
            }
            #expect(
                doors.api.commands.withLock { $0 }
                    == ["pause lexical-category token:settings", "approve lexical-category token:settings"])
        }
    }

    @Test("a page that leads its own name to the daemon, or asks from elsewhere, gets nothing")
    func rebinding() async throws {
        let foreign = [
            "evil.example", "evil.example:80", "127.0.0.1.evil.example", "192.168.1.1", "localhost@evil", "[::1",
        ]
        let own = [
            "localhost", "LOCALHOST:7420", "127.0.0.1:1", "[::1]:80", "fledge.example.org", "fledge.example.org.:1",
        ]
        let pages = ["http://evil.example", "null", "https://localhost.evil.example", "file://"]
        let ownPages = ["http://localhost:7420", "https://fledge.example.org", "http://[::1]:7420"]
        let asked =
            foreign.map { ("Host", $0, 403) } + own.map { ("Host", $0, 200) } + pages.map { ("Origin", $0, 403) }
            + ownPages.map { ("Origin", $0, 200) }
        try await serving { doors in
            for (name, value, expected) in asked {
                for path in ["/v1/use-cases", "/metrics"] {
                    let answer = try await doors.ask("GET", path, token: "reader-secret", headers: [(name, value)])
                    #expect(answer.status == expected, "\(name): \(value)")
                }
            }
            // Supervisors ask by whatever name they have; nothing but a state is told.
            let probe = try await doors.ask("GET", "/livez", headers: [("Host", "10.1.2.3")])
            #expect(probe.status == 200)
        }
    }

    @Test("the status page is on the socket only")
    func page() async throws {
        try await serving { doors in
            let page = try await doors.askSocket("GET", "/")
            #expect(page.status == 200 && page.text.contains("<h1>Fledge</h1>"))
            let network = try await doors.ask("GET", "/", token: "reader-secret")
            #expect(network.status == 404 && !network.text.contains("<"))
        }
    }

    @Test("labels that somebody brings along are kept with who brought them")
    func labels() async throws {
        try await serving { doors in
            let client = ControlClient(socket: doors.socket)
            _ = try await client.label(name: "triage", LabelRequest(metric: nil, entries: [], actor: "grace"))
            _ = try await client.label(name: "triage", LabelRequest(metric: nil, entries: [], actor: ""))
            _ = try await client.labelSheet(name: "triage", metric: nil, count: 1, actor: "grace")
            #expect(
                doors.api.commands.withLock { $0 } == [
                    "label triage  grace (entered by \(LocalUser.actor))", "label triage  \(LocalUser.actor)",
                    "sheet triage – 1 grace (entered by \(LocalUser.actor))",
                ])
        }
    }

    @Test("the OpenAPI document is served to who may read, on either door")
    func document() async throws {
        try await serving { doors in
            let path = Endpoints.openAPI.facts.path
            let expected = String(decoding: try JSONProfile.wire.data(of: try OpenAPIDocument.document), as: UTF8.self)
            #expect(try await doors.askSocket("GET", path).text == expected)
            #expect(try await doors.ask("GET", path, token: "reader-secret").text == expected)
            let refused = try await doors.ask("GET", path, token: "gateway-secret")
            #expect(refused.status == 403 && refused.text.contains("access.scope_missing"))
        }
    }

    @Test("every endpoint answers on the socket, and wants a token on TCP where it is not for everybody")
    func endpoints() async throws {
        try await serving { doors in
            for facts in Endpoints.all.map(\.facts) {
                let path = facts.path.replacing("{name}", with: "lexical-category").replacing("{id}", with: "42")
                    .replacing("{number}", with: "1")
                let body = facts.method == .post ? "{}" : ""
                let answer = try await doors.askSocket(facts.method.rawValue, path, body: body)
                for code in ["request.http_404", "request.http_405", "access."] {
                    #expect(!answer.text.contains("\"code\":\"\(code)"), "\(facts.name): \(answer.text)")
                }
                let stranger = try await doors.ask(facts.method.rawValue, path, body: body)
                #expect(stranger.status == (facts.access == .open ? 200 : 401), "\(facts.name)")
            }
        }
    }
}
