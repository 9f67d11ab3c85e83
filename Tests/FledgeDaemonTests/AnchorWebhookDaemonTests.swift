import FledgeClient
import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import PostgresClient
import Synchronization
import Testing

@Suite("A daemon with a webhook for its evidence")
struct AnchorWebhookDaemonTests {
    /// Takes notices, or refuses them.
    private final class Receiver: Sendable {
        private let state = Mutex<(taken: [StubHTTPServer.Request], isAway: Bool)>(([], false))

        var taken: [StubHTTPServer.Request] { state.withLock { $0.taken } }

        func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

        func answer(_ request: StubHTTPServer.Request) -> StubHTTPServer.Response {
            let isAway = state.withLock { state in
                if !state.isAway { state.taken.append(request) }
                return state.isAway
            }
            return StubHTTPServer.Response(status: isAway ? 503 : 204, body: [])
        }
    }

    private static func notice(_ request: StubHTTPServer.Request) throws -> AuditNotice {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(AuditNotice.self, from: Data(request.body))
    }

    @Test("sends each head that the chain comes to, signed; says that it is behind; and sends the newest when it can")
    func sends() async throws {
        let receiver = Receiver()
        let server = StubHTTPServer { receiver.answer($0) }
        let port = try server.listen()
        defer { server.close() }
        let variables = [
            "FLEDGE_ANCHOR_WEBHOOK": "http://127.0.0.1:\(port)/heads", "FLEDGE_ANCHOR_SECRET": "env:HOOK_KEY",
            "HOOK_KEY": "canary-hook",
        ]
        try await TestDaemon.with(variables: variables) { daemon in
            func grow() async throws {
                try await daemon.database.execute(
                    "SELECT audit_put(id, 'label', gen_random_uuid()::text, 'x') FROM use_case WHERE name = 'posted'")
            }
            try await daemon.database.execute("INSERT INTO use_case (name) VALUES ('posted')")
            try await grow()
            #expect(await eventually(within: .seconds(60)) { !receiver.taken.isEmpty }, "\(daemon.logText)")
            let first = try #require(receiver.taken.first)
            let notice = try Self.notice(first)
            #expect(notice.useCase == "posted" && notice.length == 1)
            #expect(notice.database == (try await daemon.client.daemonStatus().database))
            let signature = "sha256=\(Digest(authenticating: first.body, with: "canary-hook"))"
            #expect(first.headers["x-fledge-signature"] == signature)
            // What was sent is what stands there.
            let hashes = try await daemon.client.auditHashes(name: "posted")
            #expect(await hashes.findings(against: notice.stood, words: "") == [])

            receiver.setAway(true)
            try await grow()
            let isBehind = await eventually(within: .seconds(60)) {
                (try? await daemon.client.daemonStatus().auditDelay)??.problem?.code == "audit.webhook_failed"
            }
            #expect(isBehind, "\(daemon.logText)")
            try await grow()
            receiver.setAway(false)
            let isTaken = await eventually(within: .seconds(60)) {
                (try? Self.notice(try #require(receiver.taken.last)).length) == 3
            }
            #expect(isTaken, "\(daemon.logText)")
            #expect(await eventually { (try? await daemon.client.daemonStatus())?.auditDelay == nil })
            #expect(!daemon.logText.contains("canary"))
        }
    }
}
