import Foundation
import Glibc

/// Reads files and folders of ours so that one that isn't there is never taken for one that can't be read just now.
///
/// Only where the system says that there is none, there is none. Whatever else it says is thrown, with its number.
package enum WholeFile {
    /// All that is in it; nil where there is none. A link is followed.
    ///
    /// - Parameter isPlain: whether it has to be a plain file in its own place: nothing is waited for, and no link followed.
    package static func read(_ path: String, isPlain: Bool = false) throws(ProcessError) -> Data? {
        guard let descriptor = try open(path, isPlain ? O_RDONLY | O_NOFOLLOW | O_NONBLOCK : O_RDONLY) else {
            return nil
        }
        defer { close(descriptor) }
        if isPlain {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw unreadable(path, errno) }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw ProcessError(.fileSystem, "\(path) can't be read: it is not a plain file")
            }
        }
        return try read(descriptor, path)
    }

    /// Whether two plain files hold the same bytes. They may be larger than memory, and another may write to them meanwhile:
    /// what is compared is what was read.
    ///
    /// - Throws: where one can't be read, or is no plain file; `fileSystem` also where one is not there.
    package static func areEqual(_ one: String, _ other: String) throws(ProcessError) -> Bool {
        let first = try openPlain(one)
        defer { close(first) }
        let second = try openPlain(other)
        defer { close(second) }
        var (mine, theirs) = ([UInt8](repeating: 0, count: 1 << 20), [UInt8](repeating: 0, count: 1 << 20))
        while true {
            let count = try fill(&mine, from: first, one)
            guard try fill(&theirs, from: second, other) == count, mine[..<count] == theirs[..<count] else {
                return false
            }
            if count < mine.count { return true }
        }
    }

    private static func openPlain(_ path: String) throws(ProcessError) -> Int32 {
        guard let descriptor = try open(path, O_RDONLY | O_NONBLOCK) else { throw unreadable(path, ENOENT) }
        var status = stat()
        let isKnown = fstat(descriptor, &status) == 0
        guard isKnown, status.st_mode & S_IFMT == S_IFREG else {
            let number = errno
            close(descriptor)
            if !isKnown { throw unreadable(path, number) }
            throw ProcessError(.fileSystem, "\(path) can't be read: it is not a plain file")
        }
        return descriptor
    }

    /// - Returns: how many bytes there were; fewer than asked for at the end alone.
    private static func fill(
        _ buffer: inout [UInt8], from descriptor: Int32, _ path: String
    ) throws(ProcessError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = buffer.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, errno) }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// The same as text. - Throws: also for what is not UTF-8.
    package static func text(_ path: String, isPlain: Bool = false) throws(ProcessError) -> String? {
        guard let data = try read(path, isPlain: isPlain) else { return nil }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ProcessError(.fileSystem, "\(path) can't be read: it is not UTF-8")
        }
        return text
    }

    /// All that follows, from where the descriptor is.
    package static func read(_ descriptor: Int32, _ path: String) throws(ProcessError) -> Data {
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, errno) }
            if count == 0 { return data }
            data.append(contentsOf: buffer[..<count])
        }
    }

    /// A descriptor, to be closed by the caller; nil where there is nothing.
    package static func open(_ path: String, _ flags: Int32 = O_RDONLY) throws(ProcessError) -> Int32? {
        while true {
            let descriptor = Glibc.open(path, flags | O_CLOEXEC)
            if descriptor >= 0 { return descriptor }
            if errno == EINTR { continue }
            if errno == ENOENT { return nil }
            throw unreadable(path, errno)
        }
    }

    /// What the system knows of it; nil where there is nothing. A link is followed.
    package static func status(of path: String) throws(ProcessError) -> stat? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw unreadable(path, errno)
        }
        return status
    }

    /// The names of what lies directly in a folder, sorted; nil where there is none.
    package static func names(in folder: String) throws(ProcessError) -> [String]? {
        guard let descriptor = try open(folder, O_RDONLY | O_DIRECTORY) else { return nil }
        defer { close(descriptor) }
        var names: [String] = []
        try FileTree.each(of: descriptor, folder) { entry in
            names.append(entry.name)
            return true
        }
        return names.sorted()
    }

    package static func unreadable(_ path: String, _ number: Int32) -> ProcessError {
        ProcessError(
            .fileSystem, "\(path) can't be read: \(String(cString: strerror(number)))",
            hint: "Check its owner and its permissions.", number: number)
    }
}
