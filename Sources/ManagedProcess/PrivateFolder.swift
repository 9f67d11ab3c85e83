import Foundation
import Glibc

/// Folders that nobody but their owner may look into, whatever the umask.
package enum PrivateFolder {
    /// Makes the folder, and those above it that are missing, closed to others; what is there stays as it is.
    ///
    /// - Parameter group: may pass through, without seeing what is there; nil for nobody.
    package static func make(_ path: String, passableBy group: gid_t? = nil) throws(ProcessError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        var current = path.hasPrefix("/") ? "" : "."
        for (index, part) in parts.enumerated() {
            current += "/" + part
            if mkdir(current, 0o700) == 0 {
                // A group that may pass through a folder has to pass through the new folders above it as well.
                if let group {
                    try open(current, to: group, isLast: index == parts.count - 1)
                }
                // The umask may have taken the owner's own rights away.
                else if chmod(current, 0o700) != 0 {
                    throw cannotClose(current, errno)
                }
                continue
            }
            let number = errno
            var status = stat()
            // A file system that is mounted read-only says so before it says that the folder is there.
            guard [EEXIST, EROFS, EACCES].contains(number), stat(current, &status) == 0,
                status.st_mode & S_IFMT == S_IFDIR
            else { throw cannotMake(current, number == EEXIST ? ENOTDIR : number) }
        }
    }

    private static func open(_ path: String, to group: gid_t, isLast: Bool) throws(ProcessError) {
        if isLast, chown(path, uid_t.max, group) != 0 { throw cannotClose(path, errno) }
        if chmod(path, isLast ? 0o710 : 0o711) != 0 { throw cannotClose(path, errno) }
    }

    /// Removes other users' rights on a folder of ours; a marked ``Passage`` is left. - Returns: whether there was anything
    /// to take.
    ///
    /// - Parameters:
    ///   - group: goes on passing through; nil for nobody.
    ///   - followsLinks: whether a link in the folder's place is somebody's choice.
    package static func close(
        _ path: String, passableBy group: gid_t? = nil, followsLinks: Bool = true
    ) -> Bool {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followsLinks ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { return false }
        defer { Glibc.close(descriptor) }
        var status = stat()
        // A folder with the sticky bit, into which everybody may put files, is shared on purpose, and a folder of
        // another user's is not ours to change.
        guard fstat(descriptor, &status) == 0, status.st_uid == geteuid(), status.st_mode & S_ISVTX == 0 else {
            return false
        }
        if Passage.isMark(status) { return false }
        let isGroups = group.map { $0 == status.st_gid } ?? true
        let wanted: mode_t = group == nil ? 0o700 : 0o710
        guard status.st_mode & 0o7777 & ~wanted != 0 || !isGroups else { return false }
        if let group, !isGroups, fchown(descriptor, uid_t.max, group) != 0 { return false }
        return fchmod(descriptor, wanted) == 0
    }

    /// Why nobody should be trusted with what lies in a folder; nil where only its owner and root can put things there.
    ///
    /// - Parameter isOwn: whether it has to be this user's and closed to others, as the usual folders are; a folder
    ///   that somebody has named need not be.
    package static func fault(of path: String, isOwn: Bool) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return String(cString: strerror(errno)) }
        if status.st_mode & S_IFMT == S_IFLNK {
            // A link that root made, such as `/var/run`, may be followed.
            guard !isOwn, status.st_uid == 0 || status.st_uid == geteuid() else { return "it is a link" }
            guard stat(path, &status) == 0 else { return String(cString: strerror(errno)) }
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return "it is not a folder" }
        guard status.st_uid == geteuid() || (!isOwn && status.st_uid == 0) else {
            return "it belongs to another user (\(status.st_uid))"
        }
        let canOthersWrite = status.st_mode & 0o022 != 0
        // With the sticky bit others can put things there, but not replace what is ours.
        return canOthersWrite && (isOwn || status.st_mode & S_ISVTX == 0) ? "other users may write to it" : nil
    }

    private static func cannotClose(_ path: String, _ number: Int32) -> ProcessError {
        FileOwners.error(path, number, else: cannotMake(path, number))
    }

    private static func cannotMake(_ path: String, _ number: Int32) -> ProcessError {
        ProcessError(
            .fileSystem, "\(path) can't be made: \(String(cString: strerror(number)))",
            hint: "Check the permissions of the folder above, and the disk's space.")
    }
}
