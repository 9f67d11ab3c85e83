import FledgeCore
import Foundation
import Glibc

/// One daemon a state folder: a lock on the pid file, which the system lets go of when the process ends, however it ends.
struct DaemonLock {
    private let descriptor: Int32
    private let path: String

    /// - Throws: `daemon.running` when another holds it.
    init(path: String) throws(FledgeError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw FledgeError(
                "state.not_writable", "the pid file cannot be made: \(String(cString: strerror(errno)))", place: path,
                hint: "check the folder's permissions, or name another with FLEDGE_STATE_DIR", exitCode: .cannotWrite)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw FledgeError(
                "daemon.running", "another daemon runs on this state folder", place: path,
                hint: "fledge daemon status shows it", exitCode: .unavailable)
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
