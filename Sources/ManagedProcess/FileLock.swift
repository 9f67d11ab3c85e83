import Foundation
import Glibc
import SystemPackage

/// An advisory lock between processes on a file; the kernel drops it with the process that holds it.
package struct FileLock: Sendable {
    /// The lock belongs to the open file: a process that inherits a copy of this descriptor holds the lock too, until
    /// the last copy is closed.
    let descriptor: FileDescriptor

    /// Runs `body` while no other process holds the lock; `waiting` is called once when one does.
    ///
    /// - Parameters:
    ///   - limit: how long it waits; nil for as long as it takes.
    ///   - body: gets the lock, for programs that are to hold it until their own end.
    package static func holding<Result: Sendable>(
        _ file: URL, within limit: Duration? = nil, waiting: @Sendable () -> Void = {},
        body: (FileLock) async throws -> Result
    ) async throws -> Result {
        var announced = false
        let deadline = limit.map { ContinuousClock.now.advanced(by: $0) }
        while true {
            let lock = FileLock(descriptor: try open(file))
            defer { try? lock.descriptor.close() }
            try await lock.acquire(file, until: deadline, announced: &announced, waiting: waiting)
            // Whoever held the lock may have removed or moved the file meanwhile. Others would then lock a new file of
            // that name, so the lock is taken again.
            if lock.isOn(file) { return try await body(lock) }
            try Task.checkCancellation()
        }
    }

    private static func open(_ file: URL) throws -> FileDescriptor {
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            return try FileDescriptor.open(
                FilePath(file.path), .readWrite, options: [.create, .closeOnExec, .noFollow],
                permissions: [.ownerReadWrite])
        } catch {
            throw ProcessError(
                .fileSystem, "\(file.path) can't be locked: \(error)",
                hint: "Check that the folder exists and may be written.")
        }
    }

    /// Asks again with growing pauses, since a blocking `flock` would occupy a thread of the pool.
    func acquire(
        _ file: URL, until deadline: ContinuousClock.Instant?, announced: inout Bool, waiting: @Sendable () -> Void
    ) async throws {
        var pause = Duration.milliseconds(20)
        while try !takes(.alone, file.path) {
            if !announced { waiting() }
            announced = true
            if let deadline, ContinuousClock.now >= deadline {
                throw ProcessError(
                    .fileSystem, "\(file.path) is locked by \(LockHolder.description(of: file.path))")
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(500))
        }
    }

    /// Whether the path still names the file that is locked.
    func isOn(_ file: URL) -> Bool {
        var locked = stat()
        var named = stat()
        guard fstat(descriptor.rawValue, &locked) == 0, stat(file.path, &named) == 0 else { return false }
        return locked.st_dev == named.st_dev && locked.st_ino == named.st_ino
    }
}
