import Foundation

/// Where Python environments and rewritten weights are kept; all of it can be made again.
package enum CacheDirectory {
    /// `FLEDGE_CACHE_HOME`, else `fledge` below `XDG_CACHE_HOME` or `~/.cache`.
    package static func standard(environment: [String: String] = ProcessInfo.processInfo.environment) -> URL {
        func folder(_ name: String) -> URL? {
            environment[name].flatMap { $0.isEmpty ? nil : URL(filePath: $0, directoryHint: .isDirectory) }
        }
        if let own = folder("FLEDGE_CACHE_HOME") { return own }
        let caches =
            folder("XDG_CACHE_HOME")
            ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache")
        return caches.appending(path: "fledge", directoryHint: .isDirectory)
    }
}
