import FledgeCore
import Foundation
import Glibc

/// Where state, socket, caches and logs live: XDG for a person, FHS for root; every path is absolute.
package struct StatePaths: Codable, Hashable, Sendable {
    package static let stateVariable = "FLEDGE_STATE_DIR"
    package static let cacheVariable = "FLEDGE_CACHE_HOME"
    package static let socketVariable = "FLEDGE_SOCKET"

    /// Everything that must not be lost.
    package let state: String
    /// What can be made again: environments, weights, compiled definitions.
    package let cache: String
    /// Holds the socket and the pid file; nobody else may enter it.
    package let runtime: String
    package let socket: String

    package var logs: String { state + "/log" }
    package var daemonLog: String { logs + "/fledged.log" }
    package var pidFile: String { runtime + "/fledged.pid" }
    package var artifacts: String { state + "/artifacts" }
    package var reports: String { state + "/reports" }
    package var jobs: String { state + "/jobs" }

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
        cache =
            variable(Self.cacheVariable).map(absolute)
            ?? variable("XDG_CACHE_HOME").map { absolute($0) + "/fledge" }
            ?? (isRoot ? "/var/cache/fledge" : (home ?? currentDirectory) + "/.cache/fledge")
        if let socket = variable(Self.socketVariable).map(absolute) {
            self.socket = socket
            runtime = (socket as NSString).deletingLastPathComponent
        } else {
            runtime = Self.runtimeDirectory(state: state, isService: chosen == nil && isRoot)
            socket = runtime + "/fledged.sock"
        }
    }

    /// The paths of this process.
    package static func current(environment: [String: String] = ProcessInfo.processInfo.environment) -> StatePaths {
        StatePaths(
            environment: environment, isRoot: geteuid() == 0,
            currentDirectory: FileManager.default.currentDirectoryPath)
    }

    /// Makes the folders that are missing. The state folder can be entered (PostgreSQL runs as another user under root),
    /// but not listed; what runs in it is closed.
    package func create() throws(FledgeError) {
        for (path, mode) in [(state, 0o711), (logs, 0o700), (runtime, 0o700), (cache, 0o755)] {
            do {
                if FileManager.default.fileExists(atPath: path) { continue }
                try FileManager.default.createDirectory(
                    atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
            } catch {
                throw FledgeError(
                    "state.not_writable", "the folder can't be made: \(error.localizedDescription)", place: path,
                    hint: "choose a folder that you may write to with \(Self.stateVariable)", exitCode: .cannotWrite)
            }
        }
        guard access(state, W_OK) == 0, access(runtime, W_OK) == 0 else {
            throw FledgeError(
                "state.not_writable", "the folder is not writable", place: access(state, W_OK) == 0 ? runtime : state,
                hint: "choose another with \(Self.stateVariable)", exitCode: .cannotWrite)
        }
    }

    /// A socket's path, its final NUL included, has 108 bytes on Linux: a long one moves to the folder for temporary files.
    private static func runtimeDirectory(state: String, isService: Bool) -> String {
        if isService { return "/run/fledge" }
        let preferred = state + "/run"
        if (preferred + "/fledged.sock").utf8.count <= 107 { return preferred }
        return "/tmp/fledge-" + String(StableHash.hash(state, seed: UInt64(geteuid())), radix: 36)
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
