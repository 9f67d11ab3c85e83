import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Logging
import Testing

@testable import FledgeDaemon

@Suite("The daemon's settings")
struct DaemonConfigurationTests {
    @Test("a flag comes before the environment, the environment before the file, the file before the default")
    func precedence() async throws {
        try await TemporaryDirectory.with { folder in
            let file = folder + "/settings.json"
            try Data(#"{"concurrency": 7, "leaseSeconds": "30", "logLevel": "debug", "migrate": false}"#.utf8)
                .write(to: URL(filePath: file))
            let configuration = try DaemonConfiguration(
                arguments: ["--config", file, "--log-level=trace"],
                environment: ["HOME": folder, "FLEDGE_LEASE_SECONDS": "40", "FLEDGE_LOG_LEVEL": "error"], isRoot: false)
            #expect(configuration.logLevel == .trace)
            #expect(configuration.worker.lease == .seconds(40))
            #expect(configuration.worker.concurrency == 7)
            #expect(!configuration.migrates)
            #expect(configuration.network == nil)
            #expect(
                configuration.origins == [
                    "logLevel": "trace (--log-level)", "leaseSeconds": "40 (FLEDGE_LEASE_SECONDS)",
                    "concurrency": "7 (concurrency in \(file))", "migrate": "false (migrate in \(file))",
                ])
        }
    }

    @Test("without a word every setting has its default, and a file in its usual place is read unasked")
    func usualFile() async throws {
        try await TemporaryDirectory.with { folder in
            let standard = try DaemonConfiguration(arguments: [], environment: ["HOME": folder], isRoot: false)
            #expect(standard.worker.concurrency == 4 && standard.migrates && standard.origins.isEmpty)
            let place = URL(filePath: folder).appending(path: ".config/fledge")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try Data(#"{"concurrency": 9}"#.utf8).write(to: place.appending(path: "fledged.json"))
            let found = try DaemonConfiguration(arguments: [], environment: ["HOME": folder], isRoot: false)
            #expect(found.worker.concurrency == 9)
        }
    }

    @Test(
        "an address for TCP is a host and a port",
        arguments: [
            ("127.0.0.1:7420", "127.0.0.1:7420"), ("example.org:0", "example.org:0"), ("[::1]:80", "[::1]:80"),
            ("::1:80", nil), ("127.0.0.1", nil), (":80", nil), ("host:65536", nil), ("host:http", nil), ("a b:1", nil),
        ] as [(String, String?)])
    func addresses(text: String, shown: String?) throws {
        let environment = ["FLEDGE_TOKEN": "env:T", "T": "canary-4c1d-sixteen-or-more", "HOME": "/nonexistent"]
        func network() throws -> String? {
            let configuration = try DaemonConfiguration(
                arguments: ["--listen", text], environment: environment, isRoot: false)
            #expect(!String(reflecting: configuration.network).contains("canary"))
            #expect(configuration.origins["token"] == "env:T (FLEDGE_TOKEN)")
            return configuration.network.map { "\($0)" }
        }
        if let shown {
            #expect(try network() == shown)
        } else {
            let error = #expect(throws: FledgeError.self) { try network() }
            #expect(error?.code == "configuration.bad_value")
        }
    }
}
