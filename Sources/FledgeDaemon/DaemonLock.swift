import FledgeCore
import Glibc
import ManagedProcess

/// Makes sure that a socket's folder has one daemon, by a lock on the pid file. The system releases the lock when the
/// process ends, however it ends.
struct DaemonLock {
    private let lock: FileLock
    private let path: String

    /// - Throws: `daemon.running` when another holds it.
    init(path: String) throws(FledgeError) {
        self.path = path
        let taken: FileLock?
        do { taken = try FileLock.take(path) } catch {
            throw FledgeError(
                "state.not_writable", "the pid file cannot be made: \(error.message)", place: path,
                hint: error.hint ?? "check the folder's permissions, or name another with FLEDGE_STATE_DIR")
        }
        guard let taken else {
            throw FledgeError(
                "daemon.running", "\(LockHolder.description(of: path)) has a daemon's socket in this folder",
                place: path,
                hint: "fledge daemon status shows it")
        }
        lock = taken
        lock.note("\(getpid())\n")
    }

    func release() {
        unlink(path)
        lock.release()
    }
}
