import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Foundation

extension KeyRules.OwnSecrets {
    /// The daemon's own secrets, which no definition may name as a model's key: its tokens, its settings, its state
    /// folder, and what opens its database and its collector.
    static func ofDaemon(_ settings: DaemonSettings, environment: [String: String], state: String) -> Self {
        var own = Self()
        own.variables = Set(DaemonSettings.Key.allCases.map(\.variable) + [DaemonSettings.fileVariable])
        own.variables.formUnion(DatabaseLocation.variables)
        own.prefixes = ["PG", "OTEL_"]
        // Files below these folders show the environment of processes, the daemon's included.
        own.paths = ["/proc", "/dev", "/sys", state]
        if let settings = settings.path { own.paths.insert(absolute(settings)) }
        for token in [DaemonSettings.Key.token, .metricsToken, .anchorSecret] {
            switch settings.value(token).flatMap({ SecretReference($0.text) }) {
            case .env(let name)?: own.variables.insert(name)
            case .file(let path)?: own.paths.insert(absolute(path))
            case nil: break
            }
        }
        if let home = environment["HOME"], !home.isEmpty {
            own.paths.formUnion([".pgpass", ".pg_service.conf", ".postgresql"].map { absolute(home + "/" + $0) })
        }
        for name in ["PGPASSFILE", "PGSERVICEFILE", "PGSSLKEY"] {
            if let path = environment[name], !path.isEmpty { own.paths.insert(absolute(path)) }
        }
        for url in DatabaseLocation.variables.compactMap({ environment[$0] }) {
            own.paths.formUnion(files(named: ["passfile", "sslkey", "servicefile"], in: url).map(absolute))
        }
        return own
    }

    /// The files that a connection string names, in either of its forms.
    private static func files(named names: [String], in text: String) -> [String] {
        names.flatMap { name in
            text.ranges(of: name + "=").map { range in
                let value = text[range.upperBound...].drop { $0 == "'" }.prefix { !"'& \t".contains($0) }
                return String(value).removingPercentEncoding ?? String(value)
            }
        }.filter { !$0.isEmpty }
    }

    private static func absolute(_ path: String) -> String {
        let text = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
        return text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
