import Foundation
import Glibc
import SystemPackage

/// An advisory lock between processes on a file; the kernel drops it with the process that holds it.
package struct FileLock: Sendable {
    private let descriptor: FileDescriptor

    /// Runs `body` while no other process holds the lock; `waiting` is called once when one does.
    package static func holding<Result: Sendable>(
        _ file: URL, waiting: @Sendable () -> Void = {}, body: () async throws -> Result
    ) async throws -> Result {
        let lock = FileLock(descriptor: try open(file))
        defer { try? lock.descriptor.close() }
        try await lock.acquire(file, waiting: waiting)
        return try await body()
    }

    private static func open(_ file: URL) throws -> FileDescriptor {
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            return try FileDescriptor.open(
                FilePath(file.path), .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite])
        } catch {
            throw ProcessError(
                .fileSystem, "\(file.path) can't be locked: \(error)",
                hint: "Check that the folder exists and may be written.")
        }
    }

    /// Asks again with growing pauses, since a blocking `flock` would occupy a thread of the pool.
    private func acquire(_ file: URL, waiting: @Sendable () -> Void) async throws {
        var pause = Duration.milliseconds(20)
        var announced = false
        while flock(descriptor.rawValue, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw ProcessError(.fileSystem, "\(file.path) can't be locked: \(Errno(rawValue: errno))")
            }
            if !announced { waiting() }
            announced = true
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(500))
        }
    }
}
