import Foundation
import Glibc
import SystemPackage

extension FileLock {
    /// How many may have it at once.
    package enum Share: Sendable {
        case alone
        /// With others that share it; not with one that has it alone.
        case shared
    }

    /// Takes the lock on a file of ours, made where there is none, without waiting.
    ///
    /// - Returns: nil where somebody else has it; else a lock that is held until ``release()``, or the end of the process.
    package static func take(_ path: String, _ share: Share = .alone) throws(ProcessError) -> FileLock? {
        while true {
            let lock = FileLock(descriptor: FileDescriptor(rawValue: try PrivateFile.openOwn(path)))
            do throws(ProcessError) {
                guard try lock.takes(share, path) else {
                    lock.release()
                    return nil
                }
            } catch {
                lock.release()
                throw error
            }
            // Whoever held the lock may have removed the file meanwhile: others would lock a new one of that name.
            if lock.isOn(URL(filePath: path)) { return lock }
            lock.release()
        }
    }

    /// Takes the lock on a folder that is there already, and waits for who has it.
    ///
    /// - Parameter limit: how long it waits; nil for as long as it takes.
    /// - Returns: a lock that is held until ``release()``, or the end of the process.
    /// - Throws: `ProcessError` where the folder can't be locked, or somebody else has it for longer than the limit.
    package static func take(folder: String, within limit: Duration?) async throws -> FileLock {
        let lock = try opened(folder: folder)
        var announced = false
        do {
            try await lock.acquire(
                URL(filePath: folder), until: limit.map { ContinuousClock.now.advanced(by: $0) },
                announced: &announced, waiting: {})
        } catch {
            lock.release()
            throw error
        }
        return lock
    }

    /// Takes the lock on a folder that is there already, without waiting.
    ///
    /// - Returns: nil where somebody else has it.
    package static func take(folder: String) throws(ProcessError) -> FileLock? {
        let lock = try opened(folder: folder)
        do throws(ProcessError) { if try lock.takes(.alone, folder) { return lock } } catch {
            lock.release()
            throw error
        }
        lock.release()
        return nil
    }

    /// Not locked yet.
    private static func opened(folder: String) throws(ProcessError) -> FileLock {
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw refusal(folder, errno) }
        return FileLock(descriptor: FileDescriptor(rawValue: descriptor))
    }

    /// Whether somebody has the lock on a file alone; not where there is no file.
    package static func isTaken(_ path: String) throws(ProcessError) -> Bool {
        guard let lock = try opened(path) else { return false }
        defer { lock.release() }
        guard try lock.takes(.shared, path) else { return true }
        // At once: a child that is being started holds a copy of the descriptor until its program runs.
        flock(lock.descriptor.rawValue, LOCK_UN)
        return false
    }

    /// Runs `body` unless somebody has the lock on a file; nobody takes it meanwhile. Where there is no file nobody has
    /// the lock, and none is made.
    ///
    /// - Returns: nil where somebody has it.
    /// - Throws: `ProcessError` where the file can't be opened or locked; what the body throws.
    package static func whileFree<Result>(_ path: String, _ body: () throws -> Result) throws -> Result? {
        let lock = try opened(path)
        defer { lock?.release() }
        if let lock, try !lock.takes(.alone, path) { return nil }
        return try body()
    }

    /// Not locked yet; nil where there is no file.
    private static func opened(_ path: String) throws(ProcessError) -> FileLock? {
        try WholeFile.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).map {
            FileLock(descriptor: FileDescriptor(rawValue: $0))
        }
    }

    /// Puts a text in the place of what the locked file says, for people; what fails of it changes nothing for the lock.
    package func note(_ text: String) {
        ftruncate(descriptor.rawValue, 0)
        _ = text.withCString { pwrite(descriptor.rawValue, $0, strlen($0), 0) }
    }

    /// Lets go of it. The lock stays with programs that hold a copy until their own end.
    package func release() { try? descriptor.close() }

    /// Tries once. - Returns: whether the lock is ours.
    func takes(_ share: Share, _ path: String) throws(ProcessError) -> Bool {
        let operation = share == .alone ? LOCK_EX : LOCK_SH
        while flock(descriptor.rawValue, operation | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw Self.refusal(path, errno) }
        }
        return true
    }

    private static func refusal(_ path: String, _ number: Int32) -> ProcessError {
        ProcessError(
            .fileSystem, "\(path) can't be locked: \(String(cString: strerror(number)))",
            hint: "Keep it on a file system that has locks.", number: number)
    }
}
