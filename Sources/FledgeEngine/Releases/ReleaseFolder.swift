import FledgeCore
import Foundation
import Glibc

/// Where a release is written to: a path at which there is nothing, or an empty folder.
///
/// The release is written into a folder beside it, which is renamed at the end. So nothing that exists is removed or
/// overwritten, and the folder is never seen half-written.
package struct ReleaseFolder: Sendable {
    /// Absolute.
    package let path: String

    /// - Parameter currentDirectory: what a relative path is relative to.
    package init(_ path: String, in currentDirectory: String = FileManager.default.currentDirectoryPath) {
        let absolute = URL(filePath: path, relativeTo: URL(filePath: currentDirectory, directoryHint: .isDirectory))
            .standardizedFileURL.path(percentEncoded: false)
        self.path = absolute.count > 1 && absolute.hasSuffix("/") ? String(absolute.dropLast()) : absolute
    }

    /// Whether a name in an archive stays in its folder.
    static func isSafe(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return !name.isEmpty && parts.count <= 8
            && parts.allSatisfy { part in
                !part.isEmpty && part != "." && part != ".." && part.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            }
    }

    /// - Throws: `release.export_exists` where there is anything but an empty folder.
    package func check() throws(FledgeError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw exists("there is something that is not a folder") }
        guard let content = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw failed("the folder that is there can't be looked into")
        }
        guard content.isEmpty else { throw exists("the folder is not empty") }
    }

    /// Writes what comes. - Returns: the files' paths.
    ///
    /// - Throws: `release.export_exists`, `release.export_failed`, `release.bad_archive`, and what the archive throws.
    package func write(_ archive: ReleaseArchive) async throws -> [String] {
        try check()
        let partial = try PartialFolder("\(path).partial-\(UUID().uuidString)")
        do {
            var reader = TarReader()
            for try await piece in archive.pieces {
                try reader.take(
                    piece, begin: { (header) throws(FledgeError) in try partial.begin(header) },
                    write: { (bytes) throws(FledgeError) in try partial.write(bytes) })
            }
            guard reader.isWhole, !partial.names.isEmpty else { throw TarHeader.refusal("the release broke off") }
            try partial.end()
            // A folder takes the place of an empty folder, or of nothing; the system refuses everything else.
            guard rename(partial.path, path) == 0 else {
                let number = errno
                throw [ENOTEMPTY, EEXIST, ENOTDIR].contains(number)
                    ? exists("something was put there meanwhile") : failed(String(cString: strerror(number)))
            }
            return partial.names.sorted().map { "\(path)/\($0)" }
        } catch {
            partial.remove()
            throw error
        }
    }

    private func exists(_ message: String) -> FledgeError {
        FledgeError("release.export_exists", message, place: path, hint: "name a new folder")
    }

    private func failed(_ message: String) -> FledgeError {
        PartialFolder.failure(path, message)
    }
}

/// The folder that is written before it gets its final name. It remembers what it has made, and removes nothing else.
private final class PartialFolder {
    let path: String
    private(set) var names: [String] = []
    private var folders: [String] = []
    /// Folders above it that were missing.
    private var parents: [String] = []
    private var file: Int32 = -1

    init(_ path: String) throws(FledgeError) {
        self.path = path
        try makeParents()
        guard mkdir(path, 0o700) == 0, chmod(path, 0o700) == 0 else {
            let number = errno
            removeParents()
            throw Self.failure(path, String(cString: strerror(number)))
        }
    }

    deinit { if file >= 0 { close(file) } }

    func begin(_ header: TarHeader) throws(FledgeError) {
        try end()
        let parts = header.name.split(separator: "/")
        for count in 1..<parts.count {
            let folder = parts[..<count].joined(separator: "/")
            guard !folders.contains(folder) else { continue }
            guard mkdir("\(path)/\(folder)", 0o700) == 0 else { throw failure(folder) }
            folders.append(folder)
        }
        // Nothing is there yet that could be written over: a name that comes twice is refused.
        file = open("\(path)/\(header.name)", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(header.name) }
        names.append(header.name)
        guard fchmod(file, 0o600) == 0 else { throw failure(header.name) }
    }

    func write(_ bytes: ArraySlice<UInt8>) throws(FledgeError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(names.last ?? "") }
            rest = rest.dropFirst(count)
        }
    }

    /// Some file systems report only here, when the file is synchronised, that there was no space.
    func end() throws(FledgeError) {
        guard file >= 0 else { return }
        defer { file = -1 }
        guard close(file) == 0 else { throw failure(names.last ?? "") }
    }

    func remove() {
        for name in names { unlink("\(path)/\(name)") }
        for folder in folders.reversed() { rmdir("\(path)/\(folder)") }
        rmdir(path)
        removeParents()
    }

    private func makeParents() throws(FledgeError) {
        var current = ""
        for part in path.split(separator: "/").dropLast() {
            current += "/" + part
            if mkdir(current, 0o777) == 0 {
                parents.append(current)
            } else if ![EEXIST, EROFS, EACCES].contains(errno) {
                let number = errno
                removeParents()
                throw Self.failure(path, String(cString: strerror(number)))
            }
        }
    }

    /// Fails where somebody else has put something into the folder.
    private func removeParents() { for parent in parents.reversed() { rmdir(parent) } }

    private func failure(_ name: String) -> FledgeError {
        Self.failure("\(path)/\(name)", String(cString: strerror(errno)))
    }

    static func failure(_ path: String, _ message: String) -> FledgeError {
        FledgeError(
            "release.export_failed", "the release cannot be written: \(message)", place: path,
            hint: "check the folder's permissions and the disk's space")
    }
}
