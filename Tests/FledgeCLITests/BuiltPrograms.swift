import Foundation
import ManagedProcess

/// The executables that the build has left beside the tests.
enum BuiltPrograms {
    struct Missing: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) is missing: the test target has to depend on it" }
    }

    static func path(_ name: String) throws -> String {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let path = own.deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
        guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing(path: path) }
        return path
    }

    /// A program's run with a state folder of its own below the folder, which is its current one too.
    static func command(
        _ name: String, _ arguments: [String], in folder: String, environment: [String: String] = [:]
    ) throws -> Command {
        var variables: [String: String?] = [
            "FLEDGE_STATE_DIR": folder + "/state", "FLEDGE_CACHE_HOME": folder + "/cache",
        ]
        // What the person who runs the tests has set must not reach them.
        for name in [
            "FLEDGE_DATABASE_URL", "FLEDGE_SOCKET", "FLEDGE_CONCURRENCY", "FLEDGE_MIGRATE", "FLEDGE_LOG_LEVEL",
            "FLEDGE_LEASE_SECONDS", "FLEDGE_LISTEN", "FLEDGE_TOKEN", "FLEDGE_CONFIG", "FLEDGE_SERVER", "FLEDGE_KEYS",
            "FLEDGE_TRUST_DEFINITIONS", "FLEDGE_DATABASE_OWNER_URL", "PGHOST",
            "PGHOSTADDR", "PGDATABASE", "PGSERVICE",
        ] {
            variables.updateValue(nil, forKey: name)
        }
        for (name, value) in environment { variables[name] = value }
        return Command(
            try path(name), arguments, environment: variables, workingDirectory: URL(filePath: folder))
    }
}
