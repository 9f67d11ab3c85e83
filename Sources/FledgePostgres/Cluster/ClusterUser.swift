import Glibc
import ManagedProcess

/// The unprivileged user that PostgreSQL runs as, since it refuses to run as root.
package struct ClusterUser: Sendable, Equatable {
    package let name: String
    package let userID: uid_t
    package let groupID: gid_t

    /// Nil when this process is not root: PostgreSQL then runs as the same user.
    package static func required() -> ClusterUser? {
        guard geteuid() == 0 else { return nil }
        // The distribution's own user first; `nobody` exists everywhere.
        return named("postgres") ?? named("nobody") ?? ClusterUser(name: "65534", userID: 65534, groupID: 65534)
    }

    static func named(_ name: String) -> ClusterUser? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return ClusterUser(name: name, userID: entry.pw_uid, groupID: entry.pw_gid)
    }

    /// Whether the user can enter every directory of an absolute path that exists; if not, the first that is closed. It has
    /// the group of a ``Passage`` where one is on the way.
    func closedDirectory(on path: String) -> String? {
        var current = ""
        for part in path.split(separator: "/") {
            current += "/" + part
            var status = stat()
            guard stat(current, &status) == 0 else { return nil }
            let bit: mode_t =
                status.st_uid == userID
                ? S_IXUSR : status.st_gid == groupID || Passage.isMarked(current) ? S_IXGRP : S_IXOTH
            if status.st_mode & bit == 0 { return current }
        }
        return nil
    }
}
