import Foundation
import Glibc

/// What lies below a folder, looked at and removed by descriptors: no link is ever followed, so nothing outside is reached.
package final class FileTree {
    /// What an entry holds.
    package struct Extent: Hashable, Sendable {
        /// Files, with links and whatever else is no folder.
        package var files = 0
        package var bytes: Int64 = 0
        /// The latest change of anything in it, in seconds since 1970.
        package var changedAt: Double = 0
    }

    package struct Entry: Hashable, Sendable {
        package let name: String
        package let isFolder: Bool
    }

    /// Deeper than this nothing of ours lies.
    private static let deepest = 64

    private let descriptor: Int32
    private let path: String

    /// Opens the folder; nil where there is none. - Throws: where it is a link, no folder, or another user's.
    ///
    /// - Parameter other: a user whom it may belong to as well.
    package init?(_ path: String, alsoOf other: uid_t? = nil) throws(ProcessError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Self.failure(path, errno)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_uid == geteuid() || status.st_uid == other else {
            throw ProcessError(.fileSystem, "\(path) belongs to another user", hint: "Look who made it.")
        }
    }

    deinit { close(descriptor) }

    /// What lies directly in the folder, in the order of the names.
    package func entries() throws(ProcessError) -> [Entry] {
        try Self.entries(of: descriptor, path).sorted { $0.name < $1.name }
    }

    package func extent(of entry: Entry) throws(ProcessError) -> Extent {
        var extent = Extent()
        try visit(entry.name, in: descriptor, path, depth: 0) { folder, name, status in
            extent.changedAt = max(
                extent.changedAt, Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9)
            if status.st_mode & S_IFMT == S_IFDIR { return }
            extent.files += 1
            extent.bytes += Int64(status.st_size)
        }
        return extent
    }

    /// Removes the entry with all that is in it.
    ///
    /// It takes another name first: what a crash leaves of it is not taken for the whole.
    package func remove(_ entry: Entry) throws(ProcessError) {
        var name = entry.name
        if entry.isFolder, !name.hasPrefix(Self.removed) {
            let other = Self.removed + UUID().uuidString
            guard renameat(descriptor, name, descriptor, other) == 0 else {
                // Somebody else was faster.
                if errno == ENOENT { return }
                throw Self.failure(path, errno)
            }
            name = other
        }
        try remove(name, in: descriptor, path, depth: 0)
    }

    /// What a folder is called while it is removed.
    package static let removed = ".removed-"

    /// Takes from the folder and all that is in it what others may do there. - Returns: how much had to be changed.
    package func closeAll() throws(ProcessError) -> Int {
        var changed = 0
        if try Self.narrow(descriptor, path) { changed += 1 }
        for entry in try entries() {
            try visit(entry.name, in: descriptor, path, depth: 0) { folder, name, status in
                let kind = status.st_mode & S_IFMT
                guard kind == S_IFDIR || kind == S_IFREG, status.st_uid == geteuid(), status.st_mode & 0o7077 != 0
                else { return }
                let opened = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
                guard opened >= 0 else { return }
                defer { close(opened) }
                if (try? Self.narrow(opened, name)) == true { changed += 1 }
            }
        }
        return changed
    }

    /// Lets everybody read the folder and all that is in it, and run what its owner may run; the folder itself last.
    package func openAll() throws(ProcessError) {
        var failed: (name: String, number: Int32)?
        for entry in try entries() {
            try visit(entry.name, in: descriptor, path, depth: 0) { folder, name, status in
                let kind = status.st_mode & S_IFMT
                guard kind == S_IFDIR || kind == S_IFREG else { return }
                let isRun = kind == S_IFDIR || status.st_mode & 0o100 != 0
                let wanted = status.st_mode & 0o7777 | (isRun ? 0o055 : 0o044)
                guard status.st_mode & 0o7777 != wanted else { return }
                // It is no link, and nobody else can put one there: the folder is still closed.
                if fchmodat(folder, name, wanted, 0) != 0 { failed = (name, errno) }
            }
        }
        if let failed { throw Self.failure("\(path)/…/\(failed.name)", failed.number) }
        guard fchmod(descriptor, 0o755) == 0 else { throw Self.failure(path, errno) }
    }

    /// Gives the folder and all that is in it to a user, links themselves rather than what they lead to.
    package func give(to user: uid_t) throws(ProcessError) {
        var failed: (name: String, number: Int32)?
        for entry in try entries() {
            try visit(entry.name, in: descriptor, path, depth: 0) { folder, name, status in
                guard status.st_uid != user else { return }
                if fchownat(folder, name, user, user, AT_SYMLINK_NOFOLLOW) != 0 { failed = (name, errno) }
            }
        }
        if let failed { throw Self.failure("\(path)/…/\(failed.name)", failed.number) }
        guard fchown(descriptor, user, user) == 0 else { throw Self.failure(path, errno) }
    }

    private static func narrow(_ descriptor: Int32, _ path: String) throws(ProcessError) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
        guard status.st_mode & 0o7077 != 0 else { return false }
        guard fchmod(descriptor, status.st_mode & 0o700) == 0 else { throw failure(path, errno) }
        return true
    }

    /// Calls the body for the entry and all that is in it, folders before what they hold.
    private func visit(
        _ name: String, in folder: Int32, _ place: String, depth: Int, _ body: (Int32, String, stat) -> Void
    ) throws(ProcessError) {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return }
            throw Self.failure("\(place)/\(name)", errno)
        }
        body(folder, name, status)
        guard status.st_mode & S_IFMT == S_IFDIR, depth < Self.deepest else { return }
        guard let child = try Self.enter(name, in: folder, place) else { return }
        defer { close(child) }
        for entry in try Self.entries(of: child, "\(place)/\(name)") {
            try visit(entry.name, in: child, "\(place)/\(name)", depth: depth + 1, body)
        }
    }

    private func remove(_ name: String, in folder: Int32, _ place: String, depth: Int) throws(ProcessError) {
        if unlinkat(folder, name, 0) == 0 || errno == ENOENT { return }
        let number = errno
        guard number == EISDIR || number == EPERM, depth < Self.deepest,
            let child = try Self.enter(name, in: folder, place)
        else { throw Self.failure("\(place)/\(name)", number) }
        defer { close(child) }
        for entry in try Self.entries(of: child, "\(place)/\(name)") {
            try remove(entry.name, in: child, "\(place)/\(name)", depth: depth + 1)
        }
        guard unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw Self.failure("\(place)/\(name)", errno)
        }
    }

    /// Opens a folder in another; nil where it is gone, or no folder by now.
    private static func enter(_ name: String, in folder: Int32, _ place: String) throws(ProcessError) -> Int32? {
        let child = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if child >= 0 { return child }
        if [ENOENT, ENOTDIR, ELOOP].contains(errno) { return nil }
        throw failure("\(place)/\(name)", errno)
    }

    private static func entries(of folder: Int32, _ path: String) throws(ProcessError) -> [Entry] {
        // A descriptor of its own: a listing moves its place, and closes it.
        let own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { throw failure(path, errno) }
        guard let listing = fdopendir(own) else {
            let number = errno
            close(own)
            throw failure(path, number)
        }
        defer { closedir(listing) }
        var entries: [Entry] = []
        while let found = readdir(listing) {
            let name = withUnsafePointer(to: &found.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(validatingCString: $0) }
            }
            // What has no name in UTF-8 is none of ours.
            guard let name, name != ".", name != ".." else { continue }
            var status = stat()
            guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            entries.append(Entry(name: name, isFolder: status.st_mode & S_IFMT == S_IFDIR))
        }
        return entries
    }

    private static func failure(_ path: String, _ number: Int32) -> ProcessError {
        ProcessError(
            .fileSystem, "\(path) can't be looked through: \(String(cString: strerror(number)))",
            hint: "Check its owner and its permissions.")
    }
}
