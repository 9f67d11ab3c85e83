import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Synchronization
import Testing

@testable import FledgeDaemon

@Suite("The evidence's webhook")
struct AnchorWebhookTests {
    private static let notice = AuditNotice(
        database: "a private one", useCase: "triage",
        head: AuditHead(
            entries: 31, hash: String(repeating: "a", count: 64), transitions: 14,
            historyHash: String(repeating: "b", count: 64)), time: Date(timeIntervalSince1970: 1_795_000_000))

    /// What the receiver got.
    private final class Received: Sendable {
        private let requests = Mutex<[StubHTTPServer.Request]>([])

        var all: [StubHTTPServer.Request] { requests.withLock { $0 } }

        func add(_ request: StubHTTPServer.Request) { requests.withLock { $0.append(request) } }
    }

    /// A receiver that answers with a status.
    private static func receiving(
        _ status: Int = 204, headers: [(name: String, value: String)] = [],
        _ body: (UInt16, Received) async throws -> Void
    ) async throws {
        let received = Received()
        let server = StubHTTPServer { request in
            received.add(request)
            return StubHTTPServer.Response(status: status, headers: headers, body: [])
        }
        let port = try server.listen()
        defer { server.close() }
        try await body(port, received)
    }

    private static func webhook(_ url: String, secret: String? = nil) throws -> AnchorWebhook {
        var settings = try #require(AnchorWebhook.Settings(url: url))
        settings.secret = secret.flatMap { SecretReference($0) }
        return AnchorWebhook(settings: settings, environment: ["HOOK_KEY": "canary-hook"])
    }

    @Test("a head is posted as one JSON object, signed where there is a secret, which itself is not sent")
    func posts() async throws {
        try await Self.receiving { port, received in
            try await Self.webhook("http://127.0.0.1:\(port)/heads?of=us", secret: "env:HOOK_KEY").send(Self.notice)
            try await Self.webhook("http://127.0.0.1:\(port)/heads").send(Self.notice)
            let requests = received.all
            #expect(requests.map(\.method) == ["POST", "POST"] && requests.map(\.path) == ["/heads?of=us", "/heads"])
            #expect(requests.allSatisfy { $0.headers["content-type"] == "application/json" })
            let body = try #require(requests.first?.body)
            #expect(
                String(decoding: body, as: UTF8.self) == """
                    {"database":"a private one","head":"\(String(repeating: "a", count: 64))",\
                    "historyHead":"\(String(repeating: "b", count: 64))","length":31,"time":"2026-11-18T11:06:40Z",\
                    "transitions":14,"useCase":"triage"}
                    """)
            let signature = "sha256=\(Digest(authenticating: body, with: "canary-hook"))"
            #expect(requests.map { $0.headers["x-fledge-signature"] } == [signature, nil])
            #expect(!"\(requests)".contains("canary"))
        }
    }

    @Test(
        "what is not taken is a failure that names the host alone, and no redirect is followed",
        arguments: [301, 404, 500])
    func refused(status: Int) async throws {
        try await Self.receiving(204) { other, elsewhere in
            try await Self.receiving(status, headers: [("Location", "http://127.0.0.1:\(other)/")]) { port, _ in
                let refusal = await #expect(throws: AuditNoticeRefusal.self) {
                    try await Self.webhook("http://127.0.0.1:\(port)/hidden-path").send(Self.notice)
                }
                let error = refusal?.problem
                #expect(error?.code == "audit.webhook_failed" && error?.exitCode == .tryAgain)
                #expect(
                    error?.message.contains("127.0.0.1:\(port)") == true && error?.message.contains("hidden") == false)
                #expect(error?.message.contains("\(status)") == true)
            }
            #expect(elsewhere.all.isEmpty)
        }
    }

    // libcurl reads the environment itself, and every other test shares this process's: so a process of its own.
    @Test("a receiver on this machine is reached without the proxy that the environment names")
    func direct() async {
        await #expect(processExitsWith: .success) {
            for name in ["no_proxy", "NO_PROXY"] { unsetenv(name) }
            for name in ["http_proxy", "all_proxy"] { setenv(name, "http://127.0.0.1:1", 1) }
            try await Self.receiving { port, received in
                try await Self.webhook("http://127.0.0.1:\(port)/heads").send(Self.notice)
                #expect(received.all.count == 1)
            }
        }
    }

    @Test("without its secret nothing is sent, and who is not there is said")
    func unreachable() async throws {
        try await Self.receiving { port, received in
            let error = await #expect(throws: FledgeError.self) {
                try await Self.webhook("http://127.0.0.1:\(port)/", secret: "env:GONE_KEY").send(Self.notice)
            }
            #expect(error?.message.contains("env:GONE_KEY") == true && received.all.isEmpty)
        }
        let closed = StubHTTPServer { _ in StubHTTPServer.Response(body: []) }
        let port = try closed.listen()
        closed.close()
        let error = await #expect(throws: FledgeError.self) {
            try await Self.webhook("http://127.0.0.1:\(port)/hidden-path").send(Self.notice)
        }
        #expect(error?.code == "audit.webhook_failed" && error?.message.contains("127.0.0.1:\(port)") == true)
        #expect(error?.description.contains("hidden") == false)
    }

    @Test(
        "an address is https, or on this machine, and says one thing to every program",
        arguments: [
            ("https://heads.example.org/a?b=c", true), ("http://127.0.0.1:8000/", true), ("http://[::1]:8000/", true),
            ("http://localhost/", true), ("http://heads.example.org/", false), ("https://ada:pw@example.org/", false),
            ("https://a\\@b/", false), ("ftp://example.org/", false), ("heads.example.org", false), ("", false),
            ("https://example.org/\u{1B}", false), ("https://example.org/a b", false),
        ])
    func addresses(url: String, isTaken: Bool) {
        #expect((AnchorWebhook.Settings(url: url) != nil) == isTaken)
    }

    private static func configuration(_ variables: [String: String]) throws -> DaemonConfiguration {
        try DaemonConfiguration(
            arguments: [], environment: ["HOME": "/nonexistent"].merging(variables) { $1 }, isRoot: false)
    }

    @Test("the settings name address and secret, and neither the address nor the secret is shown")
    func settings() throws {
        let variables = [
            "FLEDGE_ANCHOR_WEBHOOK": "https://heads.example.org/canary-path", "FLEDGE_ANCHOR_SECRET": "env:HOOK_KEY",
            "HOOK_KEY": "canary-hook",
        ]
        let configuration = try Self.configuration(variables)
        #expect(configuration.anchorWebhook?.url == "https://heads.example.org/canary-path")
        #expect(configuration.anchorWebhook?.secret == .env("HOOK_KEY"))
        #expect(configuration.origins["anchorWebhook"] == "heads.example.org (FLEDGE_ANCHOR_WEBHOOK)")
        #expect(configuration.origins["anchorSecret"] == "env:HOOK_KEY (FLEDGE_ANCHOR_SECRET)")
        // It is the daemon's own: no definition can have it sent to a model.
        #expect(configuration.keys.own.variables.contains("HOOK_KEY"))
        #expect(try Self.configuration([:]).anchorWebhook == nil)
    }

    @Test(
        "settings that would be without effect, or hold a secret where a reference belongs, are refused without a word of it",
        arguments: [
            ["FLEDGE_ANCHOR_WEBHOOK": "http://canary.example.org/"],
            ["FLEDGE_ANCHOR_SECRET": "env:HOOK_KEY", "HOOK_KEY": "canary"],
            ["FLEDGE_ANCHOR_WEBHOOK": "https://example.org/canary", "FLEDGE_ANCHOR_SECRET": "canary"],
            ["FLEDGE_ANCHOR_WEBHOOK": "https://example.org/canary", "FLEDGE_ANCHOR_SECRET": "env:GONE_KEY"],
        ])
    func badSettings(variables: [String: String]) {
        let error = #expect(throws: FledgeError.self) { try Self.configuration(variables) }
        #expect(error?.code == "configuration.bad_value" && error?.exitCode == .configuration)
        #expect(error?.description.contains("canary") == false)
    }
}
