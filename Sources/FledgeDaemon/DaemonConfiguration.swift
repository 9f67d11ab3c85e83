import FledgeCore
import FledgeDocument
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
/// | `--insecure-listen` | `FLEDGE_INSECURE_LISTEN` | `insecureListen` | false | listen without TLS beyond this machine |
/// | `--host-names` | `FLEDGE_HOST_NAMES` | `hostNames` | none | further names for the TCP address, with commas |
/// | `--keys` | `FLEDGE_KEYS` | `keys` | none | which keys definitions may name, and where each may be sent |
/// | `--anchor-webhook` | `FLEDGE_ANCHOR_WEBHOOK` | `anchorWebhook` | none | an address that heads of the evidence are sent to |
/// | `--anchor-secret` | `FLEDGE_ANCHOR_SECRET` | `anchorSecret` | none | a reference to the secret that they are signed with |
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
    package var keys: KeyRules
    var anchorWebhook: AnchorWebhook.Settings?
    package var environment: [String: String]
    /// What is allowed and should be changed, each with the line that changes it.
    package var warnings: [String] = []
    /// Each setting that is not the default, with where it came from; holds no secret.
    package var origins: [String: String] = [:]

    /// - Throws: `configuration.bad_value` (exit 78), naming every setting that cannot be read;
    ///   `configuration.unknown_option` (exit 64), naming every argument that is none; `configuration.bad_file`,
    ///   `configuration.token_missing`, `configuration.insecure_listen` and what is wrong with the token (exit 78).
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
            "like \(RetentionPolicy.example), with forever for what is to stay"
        ) { RetentionPolicy($0) }
        let listen: ListenAddress? = setting(
            .listen, default: nil, "HOST:PORT, with an IPv6 address in brackets"
        ) { ListenAddress($0) }
        let isInsecure = setting(.insecureListen, default: false, "true or false") { Bool($0) }
        let names = setting(.hostNames, default: [], "host names with commas between them") { Self.hostNames($0) }
        var keys = setting(
            .keys, default: KeyRules.none,
            "names of variables and absolute paths, each with hosts: NAME=api.example.com;/etc/fledge/keys=gpu-1:8000"
        ) { KeyRules($0) }
        paths = StatePaths.current(environment: environment)
        keys.own = .ofDaemon(settings, environment: environment, state: paths.state)
        if let given = settings.value(.keys) {
            problems += keys.ownAllowed.map { "\(given.origin) names \($0), which is the daemon's own" }
        }
        self.keys = keys
        anchorWebhook = Self.anchorWebhook(settings, environment: environment, &problems)
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
                host: address.host, port: address.port, token: token, metricsToken: metricsToken, names: names)
        }
        if let network {
            let check = ListenCheck(network: network, settings: settings, environment: environment)
            warnings = try check.warnings(isInsecureMeant: isInsecure)
        }
        for key in DaemonSettings.Key.allCases {
            // A token that was not given as a reference never got here, unless nothing listens.
            if key == .token || key == .metricsToken, listen == nil { continue }
            guard let value = settings.value(key) else { continue }
            // An address may hold a secret of its receiver's behind the host.
            let shown = key == .anchorWebhook ? anchorWebhook?.place ?? "" : value.text
            origins[key.field] = "\(shown) (\(value.origin))"
        }
        database = DatabaseLocation.resolve(environment: environment)
        self.environment = environment
    }
}

extension DaemonConfiguration {
    /// The problems repeat neither the address nor what should be a reference: both may be secrets.
    private static func anchorWebhook(
        _ settings: DaemonSettings, environment: [String: String], _ problems: inout [String]
    ) -> AnchorWebhook.Settings? {
        let secret = settings.value(.anchorSecret)
        guard let given = settings.value(.anchorWebhook) else {
            if let secret { problems.append("\(secret.origin) is without effect where there is no anchorWebhook") }
            return nil
        }
        guard var webhook = AnchorWebhook.Settings(url: given.text) else {
            problems.append(
                "\(given.origin) is no address of https, or of http on this machine, without a user and a password")
            return nil
        }
        guard let secret else { return webhook }
        guard let reference = SecretReference(secret.text) else {
            problems.append("\(secret.origin) is no reference: write env:NAME or file:PATH")
            return nil
        }
        if reference.read(environment: environment) == nil {
            problems.append("\(secret.origin) names \(reference), which is not there or empty")
        }
        webhook.secret = reference
        return webhook
    }

    /// Nil where one is no name and no address.
    private static func hostNames(_ text: String) -> [String]? {
        let names = text.split(separator: ",").map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
        let isNames = names.allSatisfy { name in
            name.utf8.allSatisfy {
                (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || ".-:[]_".utf8.contains($0)
            }
        }
        return isNames ? names : nil
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
