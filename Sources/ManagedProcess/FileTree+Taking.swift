import Foundation
import Glibc

/// Takes over files that somebody else's program has made, by descriptors rather than by names: a process that the
/// program left behind may still exchange what a name stands for, as long as it runs and can write to the folder.
extension FileTree {
    /// Opens a folder, whoever's it is, that no link leads to on the whole way; nil where there is none.
    ///
    /// - Parameter path: absolute, with those links resolved that may be on the way.
    package convenience init?(withoutLinks path: String) throws(ProcessError) {
        var current = open("/", Self.pathOnly | O_DIRECTORY | O_CLOEXEC)
        guard current >= 0 else { throw Self.failure(path, errno) }
        let parts = path.split(separator: "/").filter { $0 != "." }
        for (index, part) in parts.enumerated() {
            let flags =
                index == parts.count - 1 ? Self.folderFlags : Self.pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
            // `..` could lead out of the folders that were checked.
            let next = part == ".." ? -1 : openat(current, String(part), flags)
            let number = part == ".." ? ELOOP : errno
            if current >= 0 { close(current) }
            guard next >= 0 else {
                if number == ENOENT { return nil }
                throw Self.failure(path, number)
            }
            current = next
        }
        guard current >= 0, !parts.isEmpty else {
            if current >= 0 { close(current) }
            return nil
        }
        self.init(descriptor: current, path: path)
    }

    /// A plain file that lies directly in it; nil where there is none.
    package func file(_ name: String) throws(ProcessError) -> ForeignFile? {
        try ForeignFile(Array(name.utf8CString), in: descriptor, "\(path)/\(name)")
    }

    /// Moves a file, or a folder of files, that a program has made into a folder of ours that the program can't write
    /// to, and only then checks what it is. What is not of the expected kind is removed.
    ///
    /// - Parameters:
    ///   - path: in the folder that the program could write to.
    ///   - target: where nothing is yet, in a folder that it could not.
    ///   - isFolder: whether it has to be a folder of plain files, and not a plain file.
    ///   - most: so many files a folder may hold.
    /// - Returns: whether it is there now.
    package static func take(
        _ path: String, to target: String, isFolder: Bool = false, atMost most: Int = 10_000
    ) throws(ProcessError) -> Bool {
        let url = URL(fileURLWithPath: target)
        let name = ".taken-\(UUID().uuidString)"
        guard let outer = try FileTree(url.deletingLastPathComponent().path) else { return false }
        let held = Array(name.utf8CString)
        guard renameat(AT_FDCWD, path, outer.descriptor, name) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw failure(path, errno)
        }
        var status = stat()
        let kind =
            fstatat(outer.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_mode & S_IFMT : 0
        let isTaken: Bool
        do throws(ProcessError) {
            isTaken =
                isFolder ? kind == S_IFDIR ? try outer.takeFiles(of: held, atMost: most) : false : kind == S_IFREG
        } catch {
            try? outer.remove(Entry(bytes: held, isFolder: true))
            throw error
        }
        if isTaken, renameat(outer.descriptor, name, outer.descriptor, url.lastPathComponent) == 0 { return true }
        let number = errno
        try outer.remove(Entry(bytes: held, isFolder: kind == S_IFDIR))
        if isTaken { throw failure(target, number) }
        return false
    }

    /// Puts a new folder of ours in the place of one whose maker may still have it open, with its files and nothing else.
    private func takeFiles(of name: [CChar], atMost most: Int) throws(ProcessError) -> Bool {
        guard let from = try Self.folder(name, in: descriptor, path) else { return false }
        let own = Array(".taken-\(UUID().uuidString)".utf8CString)
        guard mkdirat(descriptor, own, 0o700) == 0 else { throw Self.failure(path, errno) }
        let isTaken: Bool
        do throws(ProcessError) {
            isTaken =
                try Self.folder(own, in: descriptor, path).map { to throws(ProcessError) in
                    try from.moveFiles(to: to, atMost: most)
                } ?? false
            try remove(Entry(bytes: isTaken ? name : own, isFolder: true))
        } catch {
            try? remove(Entry(bytes: own, isFolder: true))
            throw error
        }
        guard isTaken else { return false }
        guard renameat(descriptor, own, descriptor, name) == 0 else { throw Self.failure(path, errno) }
        return true
    }

    private func moveFiles(to other: FileTree, atMost most: Int) throws(ProcessError) -> Bool {
        guard fchmod(other.descriptor, 0o700) == 0 else { throw Self.failure(path, errno) }
        let found = try entries(atMost: most + 1)
        guard found.count <= most else { return false }
        for entry in found {
            guard renameat(descriptor, entry.bytes, other.descriptor, entry.bytes) == 0 else { return false }
            // Nobody else can exchange it any more, so what is seen here stays true.
            var status = stat()
            guard fstatat(other.descriptor, entry.bytes, &status, AT_SYMLINK_NOFOLLOW) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { return false }
        }
        return true
    }

    private static func folder(_ name: [CChar], in folder: Int32, _ path: String) throws(ProcessError) -> FileTree? {
        let opened = openat(folder, name, folderFlags)
        guard opened >= 0 else {
            if [ENOENT, ENOTDIR, ELOOP].contains(errno) { return nil }
            throw failure(path, errno)
        }
        return FileTree(descriptor: opened, path: "\(path)/\(Entry.text(name))")
    }
}
