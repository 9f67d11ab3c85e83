import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeServer
import Foundation
import Glibc
import Logging

/// What the daemon is told: command line over environment over file over default.
///
/// | flag | environment | file | default | meaning |
/// |---|---|---|---|---|
/// | `--log-level` | `FLEDGE_LOG_LEVEL` | `logLevel` | `info` | trace, debug, info, notice, warning or error |
/// | `--concurrency` | `FLEDGE_CONCURRENCY` | `concurrency` | 4 | pieces of work at once |
/// | `--trainings` | `FLEDGE_TRAININGS` | `trainings` | 1 | trainings at once on this machine |
/// | `--lease-seconds` | `FLEDGE_LEASE_SECONDS` | `leaseSeconds` | 15 | how long a claim outlives its daemon |
/// | `--migrate` | `FLEDGE_MIGRATE` | `migrate` | true | apply pending migrations at the start |
/// | `--listen` | `FLEDGE_LISTEN` | `listen` | none | a TCP address for the control API, besides the socket |
/// | `--token` | `FLEDGE_TOKEN` | `token` | none | a reference to the token that guards that address |
/// | `--metrics-token` | `FLEDGE_METRICS_TOKEN` | `metricsToken` | none | one that opens `/metrics` there, and nothing else |
/// | `--retention` | `FLEDGE_RETENTION` | `retention` | 90 days of samples… | how long what is not evidence is kept |
package struct DaemonConfiguration: Sendable {
    package var paths: StatePaths
    package var database: DatabaseLocation
    package var logLevel: Logger.Level
    package var worker: WorkerService.Settings
    package var migrates: Bool
    package var housekeeping = HousekeepingService.Settings()
    /// Trainings at once on this machine.
    package var trainings: Int
    package var network: ControlServer.Network?
    package var environment: [String: String]
    /// Each setting that is not the default, with where it came from; holds no secret.
    package var origins: [String: String] = [:]

    /// - Throws: `configuration.bad_value` (exit 78), naming every setting that cannot be read;
    ///   `configuration.unknown_option` (exit 64), naming every argument that is none; `configuration.bad_file`,
    ///   `configuration.token_missing` and what is wrong with the token (exit 78).
    package init(
        arguments: [String], environment: [String: String], isRoot: Bool = geteuid() == 0
    ) throws(FledgeError) {
        let settings = try DaemonSettings(arguments: arguments, environment: environment, isRoot: isRoot)
        var problems: [String] = []
        func setting<Value>(
            _ key: DaemonSettings.Key, default standard: Value, _ what: String, _ parse: (String) -> Value?
        ) -> Value {
            guard let given = settings.value(key) else { return standard }
            guard let value = parse(given.text) else {
                problems.append("\(given.origin) is \(given.text); it is \(what)")
                return standard
            }
            return value
        }
        func number(_ key: DaemonSettings.Key, default standard: Double, in range: ClosedRange<Double>) -> Double {
            setting(key, default: standard, "a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))") {
                Double($0).flatMap { range.contains($0) ? $0 : nil }
            }
        }
        logLevel = setting(
            .logLevel, default: .info, "one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))"
        ) { Logger.Level(rawValue: $0) }
        worker = WorkerService.Settings()
        worker.concurrency = Int(number(.concurrency, default: 4, in: 1...256))
        trainings = Int(number(.trainings, default: 1, in: 1...64))
        worker.lease = .milliseconds(Int(1000 * number(.leaseSeconds, default: 15, in: 1...3600)))
        migrates = setting(.migrate, default: true, "true or false") { Bool($0) }
        housekeeping.policy = setting(
            .retention, default: .standard,
            "like samples=90d,training-logs=30d,responses=forever,work=2w,daemons=7d,spend=90d"
        ) { RetentionPolicy($0) }
        let listen: ListenAddress? = setting(
            .listen, default: nil, "HOST:PORT, with an IPv6 address in brackets"
        ) { ListenAddress($0) }
        guard problems.isEmpty else {
            throw FledgeError(
                "configuration.bad_value", problems.joined(separator: "; "), hint: "fledged --help lists the settings",
                exitCode: .configuration)
        }
        network = try listen.map { address throws(FledgeError) in
            guard let reference = settings.value(.token) else {
                throw FledgeError(
                    "configuration.token_missing", "the daemon does not listen on TCP without a token",
                    hint: "name one with --token or \(ControlToken.variable), as env:NAME or file:PATH; make it with: "
                        + "openssl rand -hex 32", exitCode: .configuration)
            }
            let token = try ControlToken.read(reference.text, environment: environment)
            let metricsToken = try settings.value(.metricsToken).map { given throws(FledgeError) in
                try ControlToken.read(given.text, environment: environment)
            }
            return try ControlServer.Network(
                host: address.host, port: address.port, token: token, metricsToken: metricsToken)
        }
        for key in DaemonSettings.Key.allCases {
            // A token that was not given as a reference never got here, unless nothing listens.
            if key == .token || key == .metricsToken, listen == nil { continue }
            if let value = settings.value(key) { origins[key.field] = "\(value.text) (\(value.origin))" }
        }
        paths = StatePaths.current(environment: environment)
        database = DatabaseLocation.resolve(environment: environment)
        self.environment = environment
    }
}

/// `127.0.0.1:7420`, `example.org:7420` or `[::1]:7420`.
private struct ListenAddress {
    let host: String
    let port: Int

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" || $0 == "@" }) else { return nil }
        self.host = String(host)
        self.port = Int(port)
    }
}
