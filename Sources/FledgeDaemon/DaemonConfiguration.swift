import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeServer
import Foundation
import Glibc
import Logging

/// The daemon's settings, as values. An option of the command line wins over an environment variable, that over the
/// settings file, and that over the default. `SettingTable` lists the settings.
package struct DaemonConfiguration: Sendable {
    package var paths: StatePaths
    package var database: DatabaseLocation
    package var logLevel: Logger.Level
    package var worker: WorkerService.Settings
    package var migrates: Bool
    package var housekeeping = HousekeepingService.Settings()
    /// How many trainings may run on this machine at once.
    package var trainings: Int
    package var network: ControlServer.Network?
    package var keys: KeyRules
    package var submissions: SubmissionLimits
    var anchorWebhook: AnchorWebhook.Settings?
    package var environment: [String: String]
    /// Settings that are accepted and should be changed: a sentence for each, with the line that changes it.
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
        func value<Value>(_ setting: Setting<Value>) -> Value {
            guard let given = settings.value(setting.key) else { return setting.standard }
            guard let value = setting.parse(given.text) else {
                problems.append("\(given.origin) is \(given.text); it is \(setting.form)")
                return setting.standard
            }
            return value
        }
        logLevel = value(SettingTable.logLevel)
        worker = WorkerService.Settings()
        worker.concurrency = Int(saturating: value(SettingTable.concurrency))
        trainings = Int(saturating: value(SettingTable.trainings))
        worker.lease = .milliseconds(Int(saturating: 1000 * value(SettingTable.leaseSeconds)))
        migrates = value(SettingTable.migrate)
        housekeeping.policy = value(SettingTable.retention)
        submissions = SubmissionLimits(
            fileBytes: Int64(saturating: value(SettingTable.dataFileMegabytes)) << 20,
            requestBytes: Int64(saturating: value(SettingTable.submissionMegabytes)) << 20,
            files: Int(saturating: value(SettingTable.submissionFiles)))
        let listen = value(SettingTable.listen)
        let isInsecure = value(SettingTable.insecureListen)
        let names = value(SettingTable.hostNames)
        var keys = value(SettingTable.keys)
        paths = StatePaths.current(environment: environment)
        keys.own = .ofDaemon(settings, environment: environment, state: paths.state)
        if let given = settings.value(.keys) {
            problems += keys.ownAllowed.map { "\(given.origin) names \($0), which is the daemon's own" }
        }
        self.keys = keys
        anchorWebhook = Self.anchorWebhook(settings, environment: environment, &problems)
        guard problems.isEmpty else {
            throw FledgeError(
                "configuration.bad_value", problems.joined(separator: "; "), hint: "fledged --help lists the settings")
        }
        network = try listen.map { address throws(FledgeError) in
            guard let reference = settings.value(.token) else {
                throw FledgeError(
                    "configuration.token_missing", "the daemon does not listen on TCP without a token",
                    hint: "name one with --token or \(ControlToken.variable), as env:NAME or file:PATH; make it with: "
                        + "openssl rand -hex 32")
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
        guard var webhook = SettingTable.anchorWebhook.parse(given.text) ?? nil else {
            problems.append("\(given.origin) is not \(SettingTable.anchorWebhook.form)")
            return nil
        }
        guard let secret else { return webhook }
        guard let reference = SecretReference(secret.text) else {
            problems.append("\(secret.origin) is no reference: write env:NAME or file:PATH")
            return nil
        }
        do {
            if try reference.read(environment: environment) == nil {
                problems.append("\(secret.origin) names \(reference), which is not there or empty")
            }
        } catch { problems.append("\(secret.origin): \(error.message)") }
        webhook.secret = reference
        return webhook
    }
}
