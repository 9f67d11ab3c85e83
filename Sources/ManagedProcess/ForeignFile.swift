import Foundation
import Glibc

/// A plain file that somebody else may have written, read by its descriptor and never beyond a bound: it may be sparse and
/// say that it holds a terabyte, be exchanged for a link, or grow while it is read.
package final class ForeignFile {
    package let path: String
    /// The file's size in bytes when it was opened.
    package let size: Int64
    private let descriptor: Int32

    /// Nil where there is none. - Throws: for a link, a pipe or whatever else is no plain file.
    package convenience init?(_ path: String) throws(ProcessError) {
        try self.init(Array(path.utf8CString), in: AT_FDCWD, path)
    }

    init?(_ name: [CChar], in folder: Int32, _ path: String) throws(ProcessError) {
        self.path = path
        descriptor = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw errno == ELOOP ? Self.notPlain(path) : WholeFile.unreadable(path, errno)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let number = errno
            close(descriptor)
            throw WholeFile.unreadable(path, number)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Self.notPlain(path)
        }
        size = Int64(clamping: status.st_size)
    }

    deinit { close(descriptor) }

    /// All that is there. - Throws: ``ProcessError/Code/tooLarge`` for more than the limit.
    package func whole(limit: Int) throws(ProcessError) -> Data {
        var data = Data()
        try read(limit: Int64(clamping: limit)) { data.append(contentsOf: $0) }
        return data
    }

    /// The last bytes of the file, at most so many.
    package func tail(_ count: Int) throws(ProcessError) -> Data {
        var data = Data()
        try pieces(from: max(0, size - Int64(clamping: count))) { piece in
            data.append(contentsOf: piece.prefix(count - data.count))
            return data.count < count
        }
        return data
    }

    /// All that is there, piece by piece. - Throws: ``ProcessError/Code/tooLarge`` for more than the limit.
    package func read(limit: Int64, _ body: (UnsafeRawBufferPointer) -> Void) throws(ProcessError) {
        guard size <= limit else { throw Self.tooLarge(path, size, limit) }
        var count: Int64 = 0
        try pieces(from: 0) { piece in
            count += Int64(piece.count)
            guard count <= limit else { return false }
            body(piece)
            return true
        }
        guard count <= limit else { throw Self.tooLarge(path, count, limit) }
    }

    /// The bytes from an offset on, piece by piece.
    ///
    /// - Parameter body: false ends it.
    package func pieces(
        from offset: Int64, _ body: (UnsafeRawBufferPointer) -> Bool
    ) throws(ProcessError) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { memory.deallocate() }
        let buffer = UnsafeMutableRawBufferPointer(start: memory, count: 1 << 20)
        var place = max(0, offset)
        while true {
            var filled = 0
            // A call may give less than is there; all pieces but the last are whole.
            while filled < buffer.count {
                let count = pread(descriptor, memory + filled, buffer.count - filled, off_t(clamping: place))
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw WholeFile.unreadable(path, errno) }
                if count == 0 { break }
                filled += count
                place = place.addingReportingOverflow(Int64(count)).partialValue
            }
            guard filled > 0, body(UnsafeRawBufferPointer(rebasing: buffer[..<filled])), filled == buffer.count
            else { return }
        }
    }

    /// Copies what is there to where nothing is yet. Where it holds nothing but zeros, the copy takes no room.
    ///
    /// - Throws: ``ProcessError/Code/tooLarge`` for more than the limit.
    package func copy(to target: String, limit: Int64 = .max) throws(ProcessError) {
        let to = try PrivateFile.make(target)
        defer { close(to) }
        var failure: ProcessError?
        var length: Int64 = 0
        try read(limit: limit) { piece in
            guard failure == nil else { return }
            length += Int64(piece.count)
            if piece.allSatisfy({ $0 == 0 }) {
                if lseek(to, off_t(clamping: length), SEEK_SET) < 0 { failure = PrivateFile.failure(target, errno) }
                return
            }
            do throws(ProcessError) { try PrivateFile.put(Data(piece), into: to, target) } catch { failure = error }
        }
        if failure == nil, ftruncate(to, off_t(clamping: length)) != 0 { failure = PrivateFile.failure(target, errno) }
        if let failure { throw failure }
    }

    package static func tooLarge(_ path: String, _ size: Int64, _ limit: Int64) -> ProcessError {
        ProcessError(.tooLarge, "\(path) has \(size) bytes; at most \(limit) are taken")
    }

    private static func notPlain(_ path: String) -> ProcessError {
        ProcessError(.notPlain, "\(path) is not a plain file")
    }
}
