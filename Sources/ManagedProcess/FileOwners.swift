import Foundation
import Glibc

/// Whether files have owners and rights where they lie: FAT and exFAT know none, many network and FUSE file systems give
/// everything to one user, and NFS takes root's rights away.
package enum FileOwners {
    /// Why a folder is of no use for files that are given to another user; nil where it is, and where nothing can be told.
    ///
    /// A file is made there and given away, for the moment that it takes.
    package static func problem(
        in folder: String, for user: uid_t = Sandbox.User.trainer.rawValue
    ) -> ProcessError? {
        let path = "\(folder)/.fledge-owner-\(UUID().uuidString)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        defer {
            close(descriptor)
            unlink(path)
        }
        guard fchown(descriptor, user, user) == 0 else { return isOwners(errno) ? refusal(folder, errno) : nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        // Some file systems report success without having done it, so owner and mode are read again.
        return status.st_uid == user && status.st_mode & 0o077 == 0 ? nil : refusal(folder, nil)
    }

    /// What is thrown for a file whose owner or rights can't be changed, where that is for its file system.
    static func error(_ path: String, _ number: Int32, else other: @autoclosure () -> ProcessError) -> ProcessError {
        isOwners(number) ? refusal(path, number) : other()
    }

    private static func isOwners(_ number: Int32) -> Bool {
        [EPERM, ENOSYS, EOPNOTSUPP].contains(number)
    }

    private static func refusal(_ path: String, _ number: Int32?) -> ProcessError {
        let why = number.map { String(cString: strerror($0)) } ?? "they stay whose they were, or open to others"
        return ProcessError(
            .noOwners, "files in \(path) can't be given to another user, or closed to others: \(why)",
            hint:
                "Its file system knows no owners, as exFAT and some network and FUSE mounts do, or takes root's rights "
                + "away. Move the folder to a local one, such as ext4, XFS or Btrfs: FLEDGE_STATE_DIR names the state "
                + "folder, FLEDGE_CACHE_HOME the cache.")
    }
}
