import Configuration
import FledgeCore
import FledgeEngine
import FledgePostgres
import Foundation
import Logging

/// What the daemon is told: command line over environment over default.
///
/// | flag | environment | default | meaning |
/// |---|---|---|---|
/// | `--fledge-log-level` | `FLEDGE_LOG_LEVEL` | `info` | trace, debug, info, notice, warning or error |
/// | `--fledge-concurrency` | `FLEDGE_CONCURRENCY` | 4 | pieces of work at once |
/// | `--fledge-lease-seconds` | `FLEDGE_LEASE_SECONDS` | 15 | how long a claim outlives its daemon |
/// | `--fledge-migrate` | `FLEDGE_MIGRATE` | true | apply pending migrations at the start |
package struct DaemonConfiguration: Sendable {
    package var paths: StatePaths
    package var database: DatabaseLocation
    package var logLevel: Logger.Level
    package var worker: WorkerService.Settings
    package var migrates: Bool
    package var environment: [String: String]

    /// - Throws: `configuration.bad_value` (exit 78), naming every setting that cannot be read;
    ///   `configuration.unknown_option` (exit 64), naming every argument that is none.
    package init(arguments: [String], environment: [String: String]) throws(FledgeError) {
        try Self.checkFlags(arguments)
        let reader = ConfigReader(providers: [
            CommandLineArgumentsProvider(arguments: arguments),
            EnvironmentVariablesProvider(environmentVariables: environment),
        ])
        var problems: [String] = []
        let levelName = reader.string(forKey: "fledge.log.level", default: "info")
        let level = Logger.Level(rawValue: levelName)
        if level == nil {
            problems.append(
                "FLEDGE_LOG_LEVEL is \(levelName); it is one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        func number(_ key: String, _ name: String, default standard: Double, in range: ClosedRange<Double>) -> Double {
            guard let text = reader.string(forKey: ConfigKey(key.split(separator: ".").map(String.init))) else {
                return standard
            }
            guard let value = Double(text), range.contains(value) else {
                problems.append(
                    "\(name) is \(text); it is a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))")
                return standard
            }
            return value
        }
        worker = WorkerService.Settings()
        worker.concurrency = Int(number("fledge.concurrency", "FLEDGE_CONCURRENCY", default: 4, in: 1...256))
        worker.lease = .milliseconds(
            Int(1000 * number("fledge.lease.seconds", "FLEDGE_LEASE_SECONDS", default: 15, in: 1...3600)))
        let migratesText = reader.string(forKey: "fledge.migrate", default: "true")
        migrates = migratesText != "false"
        if !["true", "false"].contains(migratesText) {
            problems.append("FLEDGE_MIGRATE is \(migratesText); it is true or false")
        }
        guard problems.isEmpty else {
            throw FledgeError(
                "configuration.bad_value", problems.joined(separator: "; "), hint: "fledged --help lists the settings",
                exitCode: .configuration)
        }
        logLevel = level ?? .info
        paths = StatePaths.current(environment: environment)
        database = DatabaseLocation.resolve(environment: environment)
        self.environment = environment
    }

    private static let flags = [
        "--fledge-log-level", "--fledge-concurrency", "--fledge-lease-seconds", "--fledge-migrate",
    ]

    /// The reader passes over what it does not know, and a misspelt setting would then be without effect.
    private static func checkFlags(_ arguments: [String]) throws(FledgeError) {
        var problems: [String] = []
        var index = 0
        while index < arguments.count {
            let parts = arguments[index].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            index += 1
            guard let flag = parts.first.map(String.init), flags.contains(flag) else {
                problems.append("there is no option \(arguments[index - 1])")
                continue
            }
            if parts.count == 2 { continue }
            if index < arguments.count, !arguments[index].hasPrefix("--") {
                index += 1
            } else {
                problems.append("\(flag) has no value")
            }
        }
        guard problems.isEmpty else {
            throw FledgeError(
                "configuration.unknown_option", problems.joined(separator: "; "),
                hint: "fledged --help lists the options",
                exitCode: .usage)
        }
    }
}
