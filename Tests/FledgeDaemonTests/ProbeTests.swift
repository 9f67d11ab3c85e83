import CurlClient
import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Testing

@Suite("What the daemon tells those who watch it")
struct ProbeTests {
    private func get(
        _ path: String, of daemon: TestDaemon, token: String? = nil, from address: String? = nil
    ) async throws -> HTTPResponse {
        var headers = HTTPHeaders()
        if let token { headers.append("Authorization", "Bearer \(token)") }
        let socket = StatePaths.current(environment: [StatePaths.stateVariable: daemon.state]).socket
        return try await CurlClient().execute(
            HTTPRequest(
                "GET", "http://\(address ?? "localhost")\(path)", headers: headers, timeout: .seconds(10),
                unixSocketPath: address == nil ? socket : nil))
    }

    private func metrics(of daemon: TestDaemon) async throws -> OpenMetricsDocument {
        let response = try await get("/metrics", of: daemon)
        #expect(response.status == 200)
        #expect(
            response.headers["Content-Type"]
                == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        return try OpenMetricsDocument(String(decoding: response.body, as: UTF8.self))
    }

    private func readiness(of daemon: TestDaemon) async throws -> (status: Int, readiness: Readiness) {
        let response = try await get("/readyz", of: daemon)
        return (response.status, try JSONDecoder().decode(Readiness.self, from: Data(response.body)))
    }

    @Test("metrics are OpenMetrics, and tell of the daemon, its database and its work")
    func metrics() async throws {
        try await TestDaemon.with { daemon in
            let document = try await metrics(of: daemon)
            #expect(document.value("fledge_build_info", ["version": FledgeVersion.current]) == 1)
            #expect(document.value("fledge_database_up") == 1)
            #expect(document.value("fledge_daemons") == 1)
            #expect(document.value("fledge_queue_oldest_due_seconds") == 0)
            #expect(document.value("fledge_worker_looks_total", ["outcome": "ok"]) ?? 0 >= 1)
            #expect(document.value("fledge_database_connections_allowed") == 8)
            #expect(document.families["fledge_model_call_duration_seconds"]?.unit == "seconds")
        }
    }

    @Test("while the database is away the daemon lives, says which part is missing, and comes back by itself")
    func databaseAway() async throws {
        try await TestDaemon.with { daemon in
            #expect(try await readiness(of: daemon).status == 200)
            try await daemon.cluster.stop()
            let start = ContinuousClock.now
            #expect(try await get("/livez", of: daemon).status == 200)
            #expect(start.duration(to: .now) < .seconds(1))
            let isMissed = try await eventually {
                let (status, readiness) = try await readiness(of: daemon)
                return status == 503 && !readiness.isReady
                    && readiness.parts.contains { $0.name == "database" && $0.problem == "database.unreachable" }
            }
            #expect(isMissed)
            let isTold = try await eventually { try await metrics(of: daemon).value("fledge_database_up") == 0 }
            #expect(isTold)
            #expect(try await metrics(of: daemon).value("fledge_daemons") == nil)
            #expect(try await metrics(of: daemon).value("process_open_fds") != nil)

            _ = try await daemon.cluster.start()
            let isBack = try await eventually { try await readiness(of: daemon).status == 200 }
            #expect(isBack)
            let isUp = try await eventually { try await metrics(of: daemon).value("fledge_database_up") == 1 }
            #expect(isUp)
        }
    }

    @Test("on TCP a supervisor needs no token, and a collector one that opens nothing else")
    func network() async throws {
        let (steering, collecting) = ("steering-0123456789", "collecting-0123456789")
        let variables: [String: String?] = [
            "FLEDGE_LISTEN": "127.0.0.1:0", "FLEDGE_TOKEN": "env:STEERING",
            "FLEDGE_METRICS_TOKEN": "env:COLLECTING", "STEERING": steering, "COLLECTING": collecting,
        ]
        try await TestDaemon.with(variables: variables) { daemon in
            // The daemon logs the port that it was given.
            let isListening = await eventually { daemon.logText.contains("listening") }
            try #require(isListening)
            let port = try #require(daemon.logText.firstMatch(of: /port=([0-9]+)/)).1
            func status(_ path: String, _ token: String?) async throws -> Int {
                try await get(path, of: daemon, token: token, from: "127.0.0.1:\(port)").status
            }
            #expect(try await status("/livez", nil) == 200)
            #expect(try await status("/readyz", nil) == 200)
            #expect(try await status("/metrics", nil) == 401)
            #expect(try await status("/metrics", collecting) == 200)
            #expect(try await status("/metrics", steering) == 200)
            #expect(try await status("/v1/use-cases", collecting) == 401)
            #expect(try await status("/v1/use-cases", steering) == 200)
        }
    }
}
