import FledgeCore
import Foundation
import Glibc

/// A data file on this machine, opened to be read once from its beginning.
package struct OpenDataFile {
    /// Tells whether a file is still the one that it was.
    package struct Identity: Hashable, Sendable {
        package let size: Int
        private let device: UInt64
        private let number: UInt64
        private let changedAt: [Int]

        fileprivate init(_ status: stat) {
            size = Int(clamping: status.st_size)
            device = UInt64(truncatingIfNeeded: status.st_dev)
            number = UInt64(truncatingIfNeeded: status.st_ino)
            changedAt = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
        }
    }

    package let handle: FileHandle
    package let identity: Identity
    private let path: String

    /// - Parameters:
    ///   - shown: the path that messages say; nil for the file's own.
    ///   - places: where no data is read from.
    /// - Throws: `data.not_allowed`, `data.missing`, `data.unreadable`, `data.too_large` (exit 65).
    package init(
        _ path: String, shownAs shown: String? = nil, places: DataPlaces? = nil
    ) throws(FledgeError) {
        let shown = shown ?? path
        self.path = shown
        try places?.check(path)
        // Without O_NONBLOCK a pipe would keep this waiting.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR {
                throw FledgeError(
                    "data.missing", "there is no data file at this path", place: shown,
                    hint: "paths in Dataset(…) are relative to the definition's folder")
            }
            throw Self.unreadable(shown)
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.unreadable(shown) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FledgeError(
                "data.unreadable", "the data is not a file", place: shown, hint: "name a file in Dataset(…)")
        }
        try places?.check(handle, named: shown)
        identity = Identity(status)
        guard identity.size <= DataFile.maximumBytes else { throw DataFile.tooLarge(identity.size, shown) }
    }

    /// The next bytes; 0 at the end. - Throws: `data.unreadable`.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FledgeError) -> Int {
        while true {
            let count = Glibc.read(handle.fileDescriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.unreadable(path) }
            return count
        }
    }

    /// - Throws: `data.changed` where it is no longer the file that it was.
    package func check(isStill identity: Identity) throws(FledgeError) {
        var status = stat()
        guard fstat(handle.fileDescriptor, &status) == 0 else { throw Self.unreadable(path) }
        guard Identity(status) == identity else { throw Self.changed(path) }
    }

    package static func changed(_ path: String) -> FledgeError {
        FledgeError(
            "data.changed", "the data file was changed while it was read", place: path,
            hint: "try again when nothing writes to it")
    }

    static func unreadable(_ path: String) -> FledgeError {
        FledgeError("data.unreadable", "the data file cannot be read", place: path, hint: "check its permissions")
    }
}
