import Foundation
import Glibc

/// Files that nobody but their owner may read, whatever the umask; written whole or not at all.
package enum PrivateFile {
    /// Puts the bytes there, in place of what was there. A link is replaced, never followed.
    package static func write(_ bytes: Data, to path: String) throws(ProcessError) {
        let url = URL(fileURLWithPath: path)
        let partial = url.deletingLastPathComponent().path + "/.\(url.lastPathComponent).\(UUID().uuidString)"
        let descriptor = try make(partial)
        do throws(ProcessError) {
            defer { close(descriptor) }
            try put(bytes, into: descriptor, path)
        } catch {
            unlink(partial)
            throw error
        }
        guard rename(partial, path) == 0 else {
            let number = errno
            unlink(partial)
            throw failure(path, number)
        }
    }

    /// Makes a file that is not there yet. - Returns: its descriptor, to be closed by the caller.
    package static func make(_ path: String) throws(ProcessError) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path, errno) }
        // The umask may have taken the owner's own rights away.
        guard fchmod(descriptor, 0o600) == 0 else {
            let number = errno
            close(descriptor)
            throw failure(path, number)
        }
        return descriptor
    }

    /// Opens a plain file of ours to be locked or appended to, made where there is none; nothing else is ever opened.
    ///
    /// - Returns: its descriptor, to be closed by the caller.
    package static func openOwn(_ path: String, _ flags: Int32 = O_RDWR) throws(ProcessError) -> Int32 {
        // Without O_NONBLOCK a pipe that somebody has put there would keep this waiting.
        let descriptor = open(path, flags | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else {
            if errno == ELOOP { throw ProcessError(.fileSystem, "\(path) is a link", hint: hint) }
            throw failure(path, errno)
        }
        var status = stat()
        let what: String? =
            fstat(descriptor, &status) != 0
            ? String(cString: strerror(errno))
            : status.st_mode & S_IFMT != S_IFREG
                ? "it is not a plain file"
                : status.st_uid != geteuid()
                    ? "it belongs to another user (\(status.st_uid))"
                    : status.st_nlink != 1 ? "it has a second name" : nil
        guard what == nil, status.st_mode & 0o7777 == 0o600 || fchmod(descriptor, 0o600) == 0 else {
            close(descriptor)
            throw ProcessError(
                .fileSystem, "\(path) can't be used: \(what ?? "its rights can't be changed")", hint: hint)
        }
        return descriptor
    }

    /// Writes all of the bytes.
    package static func put(_ bytes: Data, into descriptor: Int32, _ path: String) throws(ProcessError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path, count < 0 ? errno : EIO) }
            rest = rest.dropFirst(count)
        }
    }

    private static let hint = "Look who put it there, and remove it."

    static func failure(_ path: String, _ number: Int32) -> ProcessError {
        ProcessError(
            .fileSystem, "\(path) can't be written: \(String(cString: strerror(number)))",
            hint: "Check the folder's permissions and the disk's space.")
    }
}
