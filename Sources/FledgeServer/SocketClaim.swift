import FledgeCore
import FledgeEngine
import Foundation
import Glibc
import ManagedProcess

/// The right to listen on a socket's path: held by one daemon at a time, dropped by the kernel with its process.
struct SocketClaim: Sendable {
    private let path: String
    private let lock: FileLock

    /// Removes a socket that a killed daemon left behind.
    ///
    /// - Throws: `daemon.already_running` when somebody holds the path or answers on it.
    init(path: String) throws(FledgeError) {
        self.path = path
        // Between the check and the bind another daemon could do the same: the lock makes them take turns.
        let taken: FileLock?
        do { taken = try FileLock.take(path + ".lock") } catch {
            throw FledgeError(
                "daemon.cannot_listen", "the socket's folder can't be used: \(error.message)",
                place: path,
                hint: error.hint ?? "choose a folder that you may write to with \(StatePaths.stateVariable)")
        }
        guard let taken, !Self.answers(path) else {
            taken?.release()
            throw FledgeError(
                "daemon.already_running", "another daemon listens on this socket", place: path,
                hint: "fledge daemon status shows it; fledge daemon stop ends it")
        }
        lock = taken
        guard let found = try? FileManager.default.attributesOfItem(atPath: path) else { return }
        guard found[.type] as? FileAttributeType == .typeSocket else {
            lock.release()
            throw FledgeError(
                "daemon.socket_path_taken", "the socket's path is taken by something that is not a socket", place: path,
                hint: "move it away, or choose another path with \(StatePaths.socketVariable)")
        }
        unlink(path)
    }

    func release() {
        unlink(path)
        lock.release()
    }

    private static func answers(_ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // `EAGAIN` means that the queue of connections is full, so somebody listens.
        return result == 0 || errno == EAGAIN || errno == EINPROGRESS
    }
}
