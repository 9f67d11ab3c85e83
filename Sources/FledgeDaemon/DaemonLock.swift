import FledgeCore
import Foundation
import Glibc
import ManagedProcess

/// Makes sure that a socket's folder has one daemon, by a lock on the pid file. The system releases the lock when the
/// process ends, however it ends.
struct DaemonLock {
    private let descriptor: Int32
    private let path: String

    /// - Throws: `daemon.running` when another holds it.
    init(path: String) throws(FledgeError) {
        self.path = path
        do { descriptor = try PrivateFile.openOwn(path) } catch {
            throw FledgeError(
                "state.not_writable", "the pid file cannot be made: \(error.message)", place: path,
                hint: error.hint ?? "check the folder's permissions, or name another with FLEDGE_STATE_DIR")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw FledgeError(
                "daemon.running", "\(LockHolder.description(of: path)) has a daemon's socket in this folder",
                place: path,
                hint: "fledge daemon status shows it")
        }
        ftruncate(descriptor, 0)
        let text = "\(getpid())\n"
        _ = text.withCString { write(descriptor, $0, strlen($0)) }
    }

    func release() {
        unlink(path)
        close(descriptor)
    }
}
