import Glibc

/// The way of programs that run as users without rights where no sandbox shows them their files: through folders of ours that
/// are closed to everybody else.
///
/// A marked folder has mode 0710 and a group that these programs alone have. They pass through it, and neither list it nor
/// enter anything in it but what is theirs. What root has made below a marked folder is ours as well, and is marked when a
/// program has to pass it; no other folder ever is.
package enum Passage {
    /// A number that no account has, next to those of ``Sandbox/User``.
    package static let group: gid_t = 65_524

    /// Marks a folder of this process's user that is closed, or that one group passes through. - Returns: whether it is marked.
    ///
    /// A folder in which others may do more has rights that somebody gave it, and keeps them.
    ///
    /// - Parameters:
    ///   - group: may pass through, in the place of another one.
    ///   - followsLinks: whether a link in the folder's place is somebody's choice.
    @discardableResult
    package static func mark(_ path: String, for group: gid_t = group, followsLinks: Bool = true) -> Bool {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followsLinks ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o7767 == 0o700 else {
            return false
        }
        if status.st_mode & 0o010 != 0, status.st_gid == group { return true }
        return fchown(descriptor, uid_t.max, group) == 0 && fchmod(descriptor, 0o710) == 0
    }

    /// Whether a folder is marked; false where there is none.
    package static func isMarked(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && isMark(status)
    }

    /// Whether a folder of ours is open to a single program, as a job's is while it runs.
    package static func isForOne(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & (S_IFMT | 0o7777) == S_IFDIR | 0o710
            && status.st_uid == geteuid() && Unprivileged.folderGroups.contains(status.st_gid)
    }

    static func isMark(_ status: stat) -> Bool {
        status.st_mode & (S_IFMT | 0o7777) == S_IFDIR | 0o710 && status.st_gid == group && status.st_uid == geteuid()
    }

    /// Whether a marked folder is among those of an absolute path.
    package static func isOnTheWay(to path: String) -> Bool {
        var current = ""
        return path.split(separator: "/").contains { part in
            current += "/\(part)"
            return isMarked(current)
        }
    }

    /// Marks the folders above a path that lie below a marked one, up to the first link and the first of another user's; one
    /// that is open to a single program stays so.
    static func open(to path: String) {
        var current = ""
        var isOurs = false
        for part in path.split(separator: "/").dropLast() {
            current += "/\(part)"
            guard isOurs else {
                isOurs = isMarked(current)
                continue
            }
            var status = stat()
            guard lstat(current, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
                return
            }
            if !Unprivileged.folderGroups.contains(status.st_gid) { mark(current, followsLinks: false) }
        }
    }
}
