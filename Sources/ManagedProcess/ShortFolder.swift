import Foundation
import Glibc

/// Where a socket goes whose usual path the kernel would not take: 108 bytes on Linux, the final NUL included.
///
/// Never the folder for temporary files: another user could make the folder there first.
package enum ShortFolder {
    package static let longestSocketPath = 107

    /// The folder of that name below the first place that only root or this user can write to, and that leaves room for the
    /// socket: `/run` for root, `XDG_RUNTIME_DIR` or the home folder for others.
    ///
    /// - Returns: nil where there is no such place.
    package static func path(
        _ name: String, socket: String, isRoot: Bool, environment: [String: String]
    ) -> String? {
        let places =
            isRoot
            ? ["/run/\(name)"]
            : [("XDG_RUNTIME_DIR", name), ("HOME", "." + name)].compactMap { variable, name in
                environment[variable].flatMap { $0.hasPrefix("/") ? ($0 == "/" ? "/\(name)" : "\($0)/\(name)") : nil }
            }
        return places.first { "\($0)/\(socket)".utf8.count <= longestSocketPath }
    }
}
