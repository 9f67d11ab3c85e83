import FledgeCore
import Glibc

/// An exclusive lock on a folder, which the kernel frees when the process ends.
struct DirectoryLock: Sendable {
    private let descriptor: Int32

    static func acquire(_ directory: String, within limit: Duration) async throws -> DirectoryLock {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        let deadline = ContinuousClock.now + limit
        guard descriptor >= 0 else { throw unavailable(directory) }
        do {
            while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
                guard errno == EWOULDBLOCK || errno == EINTR, ContinuousClock.now < deadline else {
                    throw unavailable(directory)
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        } catch {
            close(descriptor)
            throw error
        }
        return DirectoryLock(descriptor: descriptor)
    }

    func release() { close(descriptor) }

    private static func unavailable(_ directory: String) -> FledgeError {
        FledgeError(
            "database.locked", "could not lock \(directory): \(String(cString: strerror(errno)))",
            hint: "Another process is starting the private PostgreSQL server; try again when it is done.")
    }
}
