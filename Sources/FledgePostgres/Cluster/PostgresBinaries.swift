import FledgeCore
import Glibc

/// A folder with PostgreSQL's server programs.
package struct PostgresBinaries: Sendable, Equatable {
    package static let oldestMajor = 14

    package let directory: String
    package let major: Int

    var initdb: String { directory + "/initdb" }
    var pgctl: String { directory + "/pg_ctl" }

    /// The programs of the wanted major version, or else the newest that is at least 14.
    package static func find(
        major wanted: Int? = nil, environment: [String: String]
    ) async throws -> PostgresBinaries {
        var seen: Set<String> = []
        var found: [PostgresBinaries] = []
        for directory in await candidates(environment) where seen.insert(directory).inserted {
            guard access(directory + "/initdb", X_OK) == 0, access(directory + "/pg_ctl", X_OK) == 0,
                access(directory + "/postgres", X_OK) == 0
            else { continue }
            let version = try await ClusterCommand(user: nil).run(directory + "/postgres", ["--version"])
            guard version.succeeded, let major = majorVersion(version.text) else { continue }
            found.append(PostgresBinaries(directory: directory, major: major))
        }
        if let wanted {
            if let match = found.first(where: { $0.major == wanted }) { return match }
            throw FledgeError(
                "database.version_missing",
                "the private cluster was made by PostgreSQL \(wanted), whose server programs are not installed",
                hint: "Install PostgreSQL \(wanted) again, or move the data to a newer one with pg_upgrade.")
        }
        // Of several with the newest version the first is taken, which is the one that pg_config names; `max(by:)`
        // would give the last.
        let newest = found.map(\.major).max() ?? 0
        if newest >= oldestMajor, let match = found.first(where: { $0.major == newest }) { return match }
        throw FledgeError(
            "database.programs_missing", "no PostgreSQL server programs, version \(oldestMajor) or newer, were found",
            hint: "Install them (Debian: apt install postgresql), or name a database in \(DatabaseLocation.variable).")
    }

    /// `postgres (PostgreSQL) 15.4 (Debian …)` → 15.
    static func majorVersion(_ text: String) -> Int? {
        guard let range = text.firstRange(of: "(PostgreSQL) ") else { return nil }
        return Int(text[range.upperBound...].prefix { $0.isNumber })
    }

    private static func candidates(_ environment: [String: String]) async -> [String] {
        let path = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
        var directories: [String] = []
        if let config = path.map({ $0 + "/pg_config" }).first(where: { access($0, X_OK) == 0 }),
            let output = try? await ClusterCommand(user: nil).run(config, ["--bindir"]), output.succeeded
        {
            directories.append(String(output.text.prefix { !$0.isNewline }))
        }
        directories += entries("/usr/lib/postgresql").map { "/usr/lib/postgresql/\($0)/bin" }
        directories += entries("/usr").filter { $0.hasPrefix("pgsql-") }.map { "/usr/\($0)/bin" }
        return directories + path
    }

    private static func entries(_ directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
