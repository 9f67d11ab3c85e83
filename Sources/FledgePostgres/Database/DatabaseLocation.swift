import FledgeEngine
import PostgresClient

/// Which database Fledge uses: the one that is configured, or else a private cluster of its own.
package enum DatabaseLocation: Sendable, Equatable {
    /// `FLEDGE_DATABASE_URL`: a URL or a libpq `keyword=value` string.
    case url(String)
    /// libpq's own variables (`PGHOST`, `PGDATABASE`, `PGSERVICE`, …) name it.
    case environment
    /// A private cluster, see `EmbeddedCluster`.
    case embedded

    package static let variable = EnvironmentVariable.database.rawValue
    /// The same database as the role that owns its tables; migrations use it where it is set.
    package static let ownerVariable = EnvironmentVariable.databaseOwner.rawValue
    /// Those that may hold a password.
    package static let variables = [variable, ownerVariable]

    /// Decides by the environment: `FLEDGE_DATABASE_URL`, then libpq's variables, then the embedded cluster.
    package static func resolve(environment: [String: String]) -> DatabaseLocation {
        func isSet(_ name: String) -> Bool { environment[name].map { !$0.isEmpty } ?? false }
        if let url = environment[variable], !url.isEmpty { return .url(url) }
        if ["PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE"].contains(where: isSet) { return .environment }
        return .embedded
    }

    /// Where the tables' owner connects; nil where the working role is the owner.
    package static func owner(environment: [String: String]) -> String? {
        environment[ownerVariable].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What to hand to `PostgresConfiguration`; nil for the embedded cluster, which knows its own.
    package var connectionString: String? {
        switch self {
        case .url(let url): url
        case .environment: ""
        case .embedded: nil
        }
    }
}
