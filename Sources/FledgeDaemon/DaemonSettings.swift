import Configuration
import FledgeCore
import FledgeEngine
import Foundation
import Glibc
import ManagedProcess

/// The settings of the daemon as text, each with where it was set: by an option of the command line, else by an
/// environment variable, else in the settings file.
struct DaemonSettings: Sendable {
    /// A setting under its name in each place. `SettingTable` says what each is.
    enum Key: String, CaseIterable, Sendable {
        case logLevel, concurrency, trainings, leaseSeconds, migrate, listen, token, metricsToken, insecureListen,
            hostNames, retention, keys, anchorWebhook, anchorSecret, dataFileMegabytes, submissionMegabytes,
            submissionFiles

        /// `--log-level`
        var flag: String { "--" + words.joined(separator: "-") }
        /// `FLEDGE_LOG_LEVEL`
        var variable: String { "FLEDGE_" + words.joined(separator: "_").uppercased() }
        /// `logLevel`
        var field: String { rawValue }

        private var words: [String] {
            var words = [""]
            for character in rawValue {
                if character.isUppercase { words.append("") }
                words[words.count - 1] += character.lowercased()
            }
            return words
        }
    }

    struct Value: Sendable {
        var text: String
        /// The flag, the variable, or the field with its file.
        var origin: String
    }

    static let fileFlag = "--config"
    static let fileVariable = EnvironmentVariable.settingsFile.rawValue

    private let arguments: ConfigReader
    private let variables: ConfigReader
    private let fields: ConfigReader
    private let file: String?

    /// - Throws: `configuration.unknown_option` (exit 64) with every argument that is none; `configuration.bad_file`
    ///   (exit 78).
    init(arguments: [String], environment: [String: String], isRoot: Bool) throws(FledgeError) {
        try Self.checkFlags(arguments)
        // The provider passes over the first argument, taking it for the program's name.
        self.arguments = ConfigReader(provider: CommandLineArgumentsProvider(arguments: ["fledged"] + arguments))
        variables = ConfigReader(
            provider: EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "fledge"))
        let named =
            self.arguments.string(forKey: "config")
            ?? environment[Self.fileVariable].flatMap { $0.isEmpty ? nil : $0 }
        let path = named ?? Self.usualFile(environment: environment, isRoot: isRoot)
        let text = try path.flatMap { path throws(FledgeError) in try Self.content(of: path, isNamed: named != nil) }
        file = text == nil ? nil : path
        fields = ConfigReader(provider: try Self.provider(text, path: path ?? ""))
    }

    /// The file that they are read from; nil where there is none.
    var path: String? { file }

    func value(_ key: Key) -> Value? {
        let name = ConfigKey([key.rawValue])
        // An empty variable is one that is not set.
        if let text = arguments.string(forKey: name) { return Value(text: text, origin: key.flag) }
        if let text = variables.string(forKey: name), !text.isEmpty { return Value(text: text, origin: key.variable) }
        if let file, let text = fields.string(forKey: name) {
            return Value(text: text, origin: "\(key.field) in \(file)")
        }
        return nil
    }

    /// Nil where the usual file isn't there. One that is there and can't be read would leave the daemon with other settings
    /// than somebody chose: who may come in, and what is kept for how long.
    private static func content(of path: String, isNamed: Bool) throws(FledgeError) -> Data? {
        func failure(_ why: String) -> FledgeError {
            FledgeError(
                "configuration.bad_file", "the file of settings can't be read: \(why)", place: path,
                hint: "check \(fileFlag) or \(fileVariable)")
        }
        do throws(ProcessError) {
            if let data = try WholeFile.read(path) { return data }
        } catch {
            // `ENOTDIR`: a home "folder" that is a file, such as `/dev/null`, has no settings file below it.
            if isNamed || error.number != ENOTDIR { throw failure(error.message) }
        }
        if isNamed { throw failure("there is none") }
        return nil
    }

    /// `/etc/fledge/fledged.json` for root, else below `XDG_CONFIG_HOME`.
    private static func usualFile(environment: [String: String], isRoot: Bool) -> String? {
        if isRoot { return "/etc/fledge/fledged.json" }
        func folder(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        return (folder("XDG_CONFIG_HOME") ?? folder("HOME").map { $0 + "/.config" }).map { $0 + "/fledge/fledged.json" }
    }

    /// The fields as text, so that `4` and `"4"` are the same; a field that is none is an error, for it would be without
    /// effect.
    private static func provider(_ data: Data?, path: String) throws(FledgeError) -> InMemoryProvider {
        guard let data else { return InMemoryProvider(values: [:]) }
        func failure(_ message: String) -> FledgeError {
            FledgeError(
                "configuration.bad_file", message, place: path,
                hint: "it is a JSON object with the fields \(Key.allCases.map(\.field).joined(separator: ", "))")
        }
        guard let fields = (try? JSONProfile.foreign.value([String: Field].self, from: data)) else {
            throw failure("the file of settings is not a JSON object of texts, numbers, booleans and lists of hosts")
        }
        let unknown = fields.keys.filter { Key(rawValue: $0) == nil }.sorted()
        guard unknown.isEmpty else { throw failure("there is no setting \(unknown.joined(separator: ", "))") }
        return InMemoryProvider(
            values: Dictionary(
                uniqueKeysWithValues: fields.map {
                    (AbsoluteConfigKey([$0.key]), ConfigValue(.string($0.value.text), isSecret: false))
                }))
    }

    private struct Field: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let box = try decoder.singleValueContainer()
            if let flag = try? box.decode(Bool.self) {
                text = "\(flag)"
            } else if let whole = try? box.decode(Int.self) {
                text = "\(whole)"
            } else if let number = try? box.decode(Double.self) {
                text = "\(number)"
            } else if let lists = try? box.decode([String: [String]].self) {
                text = try JSONProfile.foreign.text(of: lists)
            } else {
                text = try box.decode(String.self)
            }
        }
    }

    /// Refuses options that are no setting: the reader ignores them, and a misspelt setting would be without effect.
    private static func checkFlags(_ arguments: [String]) throws(FledgeError) {
        let flags = Key.allCases.map(\.flag) + [fileFlag]
        var problems: [String] = []
        var index = 0
        while index < arguments.count {
            let parts = arguments[index].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            index += 1
            guard let flag = parts.first.map(String.init), flags.contains(flag) else {
                problems.append("there is no option \(parts.first ?? "")")
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
                hint: "fledged --help lists the options")
        }
    }
}
