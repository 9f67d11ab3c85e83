import Foundation
import Glibc

extension FileTree {
    /// What a folder is called while it is removed.
    package static let removed = ".removed-"

    /// A folder at this depth is moved up into the tree's own folder and removed from there: each level of a removal
    /// holds a descriptor open, and a process has only so many.
    private static let shallow = 32
    /// How often a folder is emptied again, where somebody may still be putting files into it.
    private static let passes = 16

    /// What a removal still has to do, and what it could not.
    private struct Removal {
        /// Folders that lay too deep, by the names that they wait under in the tree's own folder.
        var waiting: [[CChar]] = []
        var failure: ProcessError?

        mutating func note(_ place: String, _ number: Int32) {
            if failure == nil {
                failure = ProcessError(
                    .fileSystem, "\(place) can't be removed: \(String(cString: strerror(number)))",
                    hint: "Check its owner and its permissions.")
            }
        }
    }

    /// Removes the entry with all that is in it, whatever its names are and however deep it is.
    ///
    /// The entry is renamed first, so that what a crash leaves of it is not taken for the whole.
    ///
    /// - Throws: the first failure, after everything else has been removed.
    package func remove(_ entry: Entry) throws(ProcessError) {
        var name = entry.bytes
        let place = "\(path)/\(entry.name)"
        if entry.isFolder, !entry.name.hasPrefix(Self.removed) {
            let other = Self.newName()
            guard renameat(descriptor, name, descriptor, other) == 0 else {
                // Somebody else has removed it already.
                if errno == ENOENT { return }
                throw Self.failure(place, errno)
            }
            name = other
        }
        var removal = Removal()
        remove(name, in: descriptor, place, depth: 0, &removal)
        while let next = removal.waiting.popLast() { remove(next, in: descriptor, place, depth: 0, &removal) }
        if let failure = removal.failure { throw failure }
    }

    private static func newName() -> [CChar] { Array((removed + UUID().uuidString).utf8CString) }

    private func remove(
        _ name: [CChar], in folder: Int32, _ place: String, depth: Int, _ removal: inout Removal
    ) {
        if unlinkat(folder, name, 0) == 0 || errno == ENOENT { return }
        let number = errno
        guard number == EISDIR || number == EPERM else { return removal.note(place, number) }
        if depth >= Self.shallow {
            let other = Self.newName()
            if renameat(folder, name, descriptor, other) == 0 {
                removal.waiting.append(other)
                return
            }
            // A folder that gets another parent has to be writable, since its entry `..` changes.
            if let child = Self.enter(name, in: folder) { close(child) }
            guard renameat(folder, name, descriptor, other) == 0 else {
                return errno == ENOENT ? () : removal.note(place, errno)
            }
            removal.waiting.append(other)
            return
        }
        guard let child = Self.enter(name, in: folder) else { return removal.note(place, errno) }
        defer { close(child) }
        let below = depth == 0 ? place + "/…" : place
        for _ in 0..<Self.passes {
            do throws(ProcessError) {
                try Self.each(of: child, below) { entry in
                    remove(entry.bytes, in: child, below, depth: depth + 1, &removal)
                    return true
                }
            } catch {
                if removal.failure == nil { removal.failure = error }
            }
            if unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT { return }
            // A listing may leave out what lies behind something that was just removed.
            guard errno == ENOTEMPTY || errno == EEXIST, removal.failure == nil else { break }
        }
        removal.note(place, errno)
    }

    /// Opens a folder in another to be emptied, also where its owner has taken the right from themselves; nil where that
    /// can't be done, and for what is no folder.
    private static func enter(_ name: [CChar], in folder: Int32) -> Int32? {
        var child = openat(folder, name, folderFlags)
        if child < 0, errno == EACCES {
            let closed = openat(folder, name, pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard closed >= 0 else { return nil }
            if chmod("/proc/self/fd/\(closed)", 0o700) == 0 { child = openat(closed, ".", folderFlags) }
            let number = errno
            close(closed)
            errno = number
        }
        guard child >= 0 else { return nil }
        var status = stat()
        if fstat(child, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o700 != 0o700 {
            _ = fchmod(child, 0o700)
        }
        return child
    }
}
