import FledgeCore
import FledgeDocument
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

    @Test("a file in its usual place that can't be read is not taken for none")
    func unreadableFile() async throws {
        try await TemporaryDirectory.with { folder in
            try FileManager.default.createDirectory(
                atPath: folder + "/.config/fledge/fledged.json", withIntermediateDirectories: true)
            let error = #expect(throws: FledgeError.self) {
                try DaemonConfiguration(arguments: [], environment: ["HOME": folder], isRoot: false)
            }
            #expect(error?.code == "configuration.bad_file")
            // A home that is no folder has no file in it.
            _ = try DaemonConfiguration(arguments: [], environment: ["HOME": "/dev/null"], isRoot: false)
        }
    }

    @Test(
        "which keys go where is said in the file, in a variable or by a flag, and what is the daemon's own is left out")
    func keys() async throws {
        try await TemporaryDirectory.with { folder in
            let file = folder + "/settings.json"
            try Data(#"{"keys": {"A_KEY": ["api.example.com"], "\#(folder)": ["gpu-1:8000"]}}"#.utf8)
                .write(to: URL(filePath: file))
            func rules(_ arguments: [String] = [], _ variables: [String: String] = [:]) throws -> KeyRules {
                let environment = ["HOME": folder, "FLEDGE_STATE_DIR": folder + "/state"].merging(variables) { $1 }
                return try DaemonConfiguration(
                    arguments: ["--config", file] + arguments, environment: environment, isRoot: false
                ).keys
            }
            let address = "http://gpu-1:8000/v1"
            #expect(try rules().fault(of: .env("A_KEY"), sentTo: "https://api.example.com/v1") == nil)
            #expect(try rules().fault(of: .file(folder + "/key"), sentTo: address) == nil)
            #expect(
                try rules([], ["FLEDGE_KEYS": "B_KEY=gpu-1:8000"]).fault(of: .env("B_KEY"), sentTo: address) == nil)
            #expect(
                try rules(["--keys", "C_KEY=gpu-1:8000"], ["FLEDGE_KEYS": "B_KEY=gpu-1:8000"])
                    .fault(of: .env("B_KEY"), sentTo: address) != nil)
            let held = ["FLEDGE_TOKEN": "file:\(folder)/token", "FLEDGE_METRICS_TOKEN": "env:HELD"]
            let database = "postgresql://h/d?passfile=\(folder)/pass%20word&sslkey=\(folder)/sslkey"
            let all = try rules([], held.merging(["FLEDGE_DATABASE_URL": database]) { $1 })
            for name in ["token", "settings.json", "state/jobs/1/x", ".pgpass", "pass word", "sslkey"] {
                let fault = all.fault(of: .file("\(folder)/\(name)"), sentTo: address)
                #expect(fault?.message.contains("the daemon's own") == true, "\(name)")
            }
            for name in ["FLEDGE_TOKEN", "HELD", "FLEDGE_DATABASE_URL", "PGPASSWORD", "OTEL_EXPORTER_OTLP_HEADERS"] {
                #expect(all.fault(of: .env(name), sentTo: address)?.message.contains("the daemon's own") == true)
                let error = #expect(throws: FledgeError.self) { try rules(["--keys", "\(name)=gpu-1:8000"], held) }
                #expect(error?.code == "configuration.bad_value" && error?.message.contains(name) == true)
            }
            for path in ["\(folder)/token", "/proc/self/environ"] {
                let error = #expect(throws: FledgeError.self) { try rules(["--keys", "\(path)=gpu-1:8000"], held) }
                #expect(error?.code == "configuration.bad_value")
            }
            for text in ["A_KEY", "A_KEY=*", "a=b=c"] {
                let error = #expect(throws: FledgeError.self) { try rules(["--keys", text]) }
                #expect(error?.code == "configuration.bad_value" && error?.message.contains("--keys") == true)
            }
        }
    }

    @Test(
        "an address for TCP is a host and a port",
        arguments: [
            ("127.0.0.1:7420", "127.0.0.1:7420"), ("example.org:0", "example.org:0"), ("[::1]:80", "[::1]:80"),
            ("::1:80", nil), ("127.0.0.1", nil), (":80", nil), ("host:65536", nil), ("host:http", nil), ("a b:1", nil),
        ] as [(String, String?)])
    func addresses(text: String, shown: String?) throws {
        let environment = [
            "FLEDGE_TOKEN": "env:T", "T": "canary-4c1d-sixteen-or-more", "HOME": "/nonexistent",
            "FLEDGE_INSECURE_LISTEN": "true",
        ]
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

    private static let strong = "9f3ac07be1d24c5688e0f1b7a2d6c39450b7e6f8d1a2c3b4958677e6a5d4c3b2"

    private static func listening(
        at address: String, token: String = strong, reference: String = "env:T", _ more: [String: String] = [:]
    ) throws -> DaemonConfiguration {
        let environment = ["FLEDGE_TOKEN": reference, "T": token, "HOME": "/nonexistent"].merging(more) { $1 }
        return try DaemonConfiguration(arguments: ["--listen", address], environment: environment, isRoot: false)
    }

    @Test(
        "without TLS it listens beyond this machine only where that is meant, and says so",
        arguments: ["0.0.0.0:7420", "[::]:7420", "10.0.0.1:1", "fledge.example.org:7420", "127.evil.example:1"])
    func insecure(address: String) throws {
        let error = #expect(throws: FledgeError.self) { try Self.listening(at: address) }
        #expect(error?.code == "configuration.insecure_listen" && error?.exitCode == .configuration)
        #expect(error?.hint?.contains("--insecure-listen") == true)
        let meant = try Self.listening(at: address, ["FLEDGE_INSECURE_LISTEN": "true"])
        #expect(meant.network != nil && meant.warnings.contains { $0.contains("plain HTTP") })
    }

    @Test(
        "on this machine it needs no such word", arguments: ["127.0.0.1:0", "127.0.0.53:0", "localhost:0", "[::1]:0"])
    func loopback(address: String) throws {
        #expect(try !Self.listening(at: address).warnings.contains { $0.contains("plain HTTP") })
    }

    @Test(
        "a token that can be guessed is refused, and a weak one warned about",
        arguments: [
            ("aaaaaaaaaaaaaaaaaaaaaaaa", nil), ("0123456789abcdef", nil), ("passwordpassword", nil),
            ("abcabcabcabcabcabcabc", nil), ("steering-0123456789", true), ("correct-horse-battery", true),
            (strong, false), ("fledge_" + strong, false), ("9f3ac07be1d24c5688e0f1b7a2d6c394", false),
        ] as [(String, Bool?)])
    func strength(token: String, isWarnedAbout: Bool?) throws {
        guard let isWarnedAbout else {
            let error = #expect(throws: FledgeError.self) { try Self.listening(at: "127.0.0.1:0", token: token) }
            #expect(error?.code == "token.weak" && error?.description.contains(token) == false)
            #expect(error?.hint?.contains("openssl rand -hex 32") == true)
            return
        }
        let warnings = try Self.listening(at: "127.0.0.1:0", token: token).warnings
        #expect(warnings.contains { $0.contains("fewer than 128 bits") } == isWarnedAbout)
        #expect(!warnings.contains { $0.contains(token) } && warnings.contains { $0.contains("fledge token create") })
    }

    @Test("a token's file that others may read is warned about, with the line that changes it")
    func tokenFile() async throws {
        try await TemporaryDirectory.with { folder in
            let file = folder + "/token"
            try Data(Self.strong.utf8).write(to: URL(filePath: file))
            for (mode, isOpen) in [(0o644, true), (0o640, true), (0o600, false), (0o400, false)] {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
                let warnings = try Self.listening(at: "127.0.0.1:0", reference: "file:\(file)").warnings
                #expect(warnings.contains { $0.hasSuffix("chmod 600 \(file)") } == isOpen)
            }
        }
    }

    @Test("further names of the host are names")
    func hostNames() throws {
        #expect(throws: Never.self) {
            try Self.listening(at: "127.0.0.1:0", ["FLEDGE_HOST_NAMES": "fledge.example.org, 10.0.0.1"])
        }
        let error = #expect(throws: FledgeError.self) {
            try Self.listening(at: "127.0.0.1:0", ["FLEDGE_HOST_NAMES": "http://fledge.example.org/"])
        }
        #expect(error?.code == "configuration.bad_value")
    }
}
