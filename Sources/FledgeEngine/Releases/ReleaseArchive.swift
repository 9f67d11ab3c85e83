import FledgeCore
import Foundation
import Glibc

/// A release on its way to who asked for it: the pieces of a tar archive, made or received one after the other.
///
/// Adapters have hundreds of megabytes: nowhere is more than a piece of them in memory.
package struct ReleaseArchive: Sendable {
    package struct File: Sendable {
        package enum Content: Sendable {
            case bytes([UInt8])
            /// A path.
            case file(String)
        }

        package let name: String
        package let content: Content

        package init(_ name: String, _ content: Content) {
            self.name = name
            self.content = content
        }
    }

    package let pieces: AsyncThrowingStream<[UInt8], any Error>

    /// Files to be sent, in this order.
    package init(_ files: [File]) {
        let writer = TarWriter(files)
        pieces = AsyncThrowingStream { try await writer.next() }
    }

    /// What is received. - Parameter next: the next piece; nil at the end.
    package init(next: @escaping @Sendable () async throws -> [UInt8]?) {
        pieces = AsyncThrowingStream(unfolding: next)
    }
}

/// Makes the pieces of an archive as they are asked for.
private actor TarWriter {
    private static let pieceSize = 1 << 18

    private var files: ArraySlice<ReleaseArchive.File>
    /// The file that is read, and how much of it is still to come.
    private var open: (handle: FileHandle, header: TarHeader, rest: Int64)?
    private var isEnded = false

    init(_ files: [ReleaseArchive.File]) { self.files = files[...] }

    func next() throws -> [UInt8]? {
        if let open { return try read(open) }
        guard let file = files.popFirst() else {
            if isEnded { return nil }
            isEnded = true
            return [UInt8](repeating: 0, count: 2 * TarHeader.blockSize)
        }
        switch file.content {
        case .bytes(let bytes):
            let header = try TarHeader(name: file.name, size: Int64(bytes.count))
            return header.bytes + bytes + [UInt8](repeating: 0, count: header.padding)
        case .file(let path):
            let descriptor = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else { throw unreadable(file.name) }
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                throw unreadable(file.name)
            }
            let header = try TarHeader(name: file.name, size: Int64(status.st_size))
            if header.size > 0 { open = (handle, header, header.size) }
            return header.bytes
        }
    }

    private func read(_ file: (handle: FileHandle, header: TarHeader, rest: Int64)) throws -> [UInt8] {
        let wanted = Int(min(file.rest, Int64(Self.pieceSize)))
        guard let data = try file.handle.read(upToCount: wanted), !data.isEmpty else {
            throw unreadable(file.header.name)
        }
        let rest = file.rest - Int64(data.count)
        open = rest > 0 ? (file.handle, file.header, rest) : nil
        return [UInt8](data) + (rest > 0 ? [] : [UInt8](repeating: 0, count: file.header.padding))
    }

    private func unreadable(_ name: String) -> FledgeError {
        FledgeError(
            "release.export_failed", "\(name) can't be read, or became shorter", place: name,
            hint: "see the daemon's log")
    }
}
