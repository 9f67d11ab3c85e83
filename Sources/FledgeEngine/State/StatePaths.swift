import FledgeCore
import Foundation
import Glibc
import ManagedProcess

/// Where state, socket, caches and logs live: XDG for a person, FHS for root; every path is absolute.
package struct StatePaths: Codable, Hashable, Sendable {
    package static let stateVariable = EnvironmentVariable.stateFolder.rawValue
    package static let cacheVariable = EnvironmentVariable.cacheFolder.rawValue
    package static let socketVariable = EnvironmentVariable.socket.rawValue

    /// Everything that must not be lost.
    package let state: String
    /// What can be made again: environments, weights, compiled definitions.
    package let cache: String
    /// Holds the socket and the pid file; nobody else may enter it.
    package let runtime: String
    /// Whether somebody has named the socket, and with it that folder.
    private let isSocketChosen: Bool
    let isCacheChosen: Bool
    package let socket: String

    package var logs: String { state + "/log" }
    package var daemonLog: String { logs + "/fledged.log" }
    /// The databases that were ever used with the state folder.
    package var databases: String { state + "/fledged.databases" }
    /// Held by the process that uses the state folder.
    package var lock: String { state + "/fledged.lock" }
    package var pidFile: String { runtime + "/fledged.pid" }
    package var artifacts: String { state + "/artifacts" }
    package var reports: String { state + "/reports" }
    package var jobs: String { state + "/jobs" }
    /// Data files of requests that are under way.
    package var uploads: String { state + "/uploads" }
    /// What is written down of the evidence outside the database.
    var audit: String { state + "/audit" }

    /// The file for one database: several daemons with databases of their own may share a state folder.
    ///
    /// - Parameter database: where it is, as the connection says it and no row of it; nil for the private one.
    package func auditHeads(of database: String?) -> String {
        audit + (database.map { "/heads-\(Digest(of: $0).short).jsonl" } ?? "/heads.jsonl")
    }

    /// - Parameter currentDirectory: what relative paths in the environment are relative to.
    package init(environment: [String: String], isRoot: Bool, currentDirectory: String) {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func absolute(_ path: String) -> String { Self.absolute(path, in: currentDirectory) }
        let home = variable("HOME").map(absolute)

        let chosen = variable(Self.stateVariable).map(absolute)
        if let chosen {
            state = chosen
        } else if isRoot {
            state = "/var/lib/fledge"
        } else {
            state =
                variable("XDG_STATE_HOME").map { absolute($0) + "/fledge" }
                ?? (home ?? currentDirectory) + "/.local/state/fledge"
        }
        isCacheChosen = variable(Self.cacheVariable) != nil
        cache =
            variable(Self.cacheVariable).map(absolute)
            ?? variable("XDG_CACHE_HOME").map { absolute($0) + "/fledge" }
            ?? (isRoot ? "/var/cache/fledge" : (home ?? currentDirectory) + "/.cache/fledge")
        if let socket = variable(Self.socketVariable).map(absolute) {
            self.socket = socket
            isSocketChosen = true
            runtime = (socket as NSString).deletingLastPathComponent
        } else {
            isSocketChosen = false
            runtime = Self.runtimeDirectory(
                state: state, isService: chosen == nil && isRoot, isRoot: isRoot, environment: environment)
            socket = runtime + "/" + Self.socketName
        }
    }

    /// The paths of this process.
    package static func current(environment: [String: String] = ProcessInfo.processInfo.environment) -> StatePaths {
        StatePaths(
            environment: environment, isRoot: geteuid() == 0,
            currentDirectory: FileManager.default.currentDirectoryPath)
    }

    /// Makes the folders that are missing, closed to everybody else.
    ///
    /// - Parameter group: the group that the private PostgreSQL runs as under root. It may pass through the state
    ///   folder, and do no more there.
    /// - Throws: `state.not_writable`, `state.path_too_long`, `state.not_private`.
    package func create(passableBy group: gid_t? = nil) throws(FledgeError) {
        try createState(passableBy: group)
        guard socket.utf8.count <= ShortFolder.longestSocketPath else {
            throw FledgeError(
                "state.path_too_long", "the socket's path has more than \(ShortFolder.longestSocketPath) bytes",
                place: socket,
                hint: "name a shorter one with \(Self.socketVariable), or set XDG_RUNTIME_DIR")
        }
        for path in [logs, runtime, cache] { try Self.make(path) }
        guard access(runtime, W_OK) == 0 else {
            throw FledgeError(
                "state.not_writable", "the folder is not writable", place: runtime,
                hint: "choose another with \(isSocketChosen ? Self.socketVariable : Self.stateVariable)")
        }
        if !isSocketChosen { _ = PrivateFolder.close(runtime, followsLinks: false) }
        // Whoever could replace the socket there could pass for the daemon.
        if let fault = PrivateFolder.fault(of: runtime, isOwn: !isSocketChosen) {
            throw FledgeError(
                "state.not_private", "the socket's folder is not this user's own: \(fault)", place: runtime,
                hint: "look who made it and remove it, or name a socket in another folder with \(Self.socketVariable)",
                exitCode: .configuration)
        }
    }

    /// Makes the state folder alone.
    package func createState(passableBy group: gid_t? = nil) throws(FledgeError) {
        try Self.make(state, passableBy: group)
        guard access(state, W_OK) == 0 else {
            throw FledgeError(
                "state.not_writable", "the folder is not writable", place: state,
                hint: "choose another with \(Self.stateVariable)")
        }
    }

    private static func make(_ path: String, passableBy group: gid_t? = nil) throws(FledgeError) {
        do { try PrivateFolder.make(path, passableBy: group) } catch {
            if error.code == .noOwners { throw FledgeError(error) }
            throw FledgeError(
                "state.not_writable", "the folder can't be made: \(error.message)", place: path,
                hint: "choose a folder that you may write to with \(Self.stateVariable)")
        }
    }

    private static let socketName = "fledged.sock"

    /// A socket's path, its final NUL included, has 108 bytes on Linux: a long one moves to where nobody else can have made
    /// the folder first.
    private static func runtimeDirectory(
        state: String, isService: Bool, isRoot: Bool, environment: [String: String]
    ) -> String {
        if isService { return "/run/fledge" }
        let preferred = state + "/run"
        if "\(preferred)/\(socketName)".utf8.count <= ShortFolder.longestSocketPath { return preferred }
        let name = "fledge-" + String(StableHash.hash(state, seed: UInt64(geteuid())), radix: 36)
        return ShortFolder.path(name, socket: socketName, isRoot: isRoot, environment: environment) ?? preferred
    }

    private static func absolute(_ path: String, in directory: String) -> String {
        URL(filePath: path, relativeTo: URL(filePath: directory, directoryHint: .isDirectory))
            .standardizedFileURL.path(percentEncoded: false).trimmingSuffix("/")
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        count > suffix.count && hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
