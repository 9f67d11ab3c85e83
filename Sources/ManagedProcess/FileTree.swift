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
        /// As the file system has it, with the NUL at its end: any other bytes but those of a slash.
        let bytes: [CChar]
        package let isFolder: Bool

        /// Exact where the name is UTF-8, for people where it is not.
        package var name: String { Self.text(bytes) }

        static func text(_ bytes: [CChar]) -> String {
            String(decoding: bytes.dropLast().map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        }
    }

    /// The deepest level that is looked at; no tree of Fledge's own is deeper.
    private static let deepest = 64

    let descriptor: Int32
    let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Opens the folder; nil where there is none. - Throws: where it is a link, no folder, or another user's.
    ///
    /// - Parameter other: a user whom it may belong to as well.
    package convenience init?(_ path: String, alsoOf other: uid_t? = nil) throws(ProcessError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Self.failure(path, errno)
        }
        self.init(descriptor: descriptor, path: path)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, errno) }
        guard status.st_uid == geteuid() || status.st_uid == other else {
            throw ProcessError(.fileSystem, "\(path) belongs to another user", hint: "Look who made it.")
        }
    }

    deinit { close(descriptor) }

    /// What lies directly in the folder, in the order of the names.
    ///
    /// - Parameter most: how many entries are listed at most, for a folder that somebody else may have filled.
    package func entries(atMost most: Int = .max) throws(ProcessError) -> [Entry] {
        var entries: [Entry] = []
        try Self.each(of: descriptor, path) { entry in
            entries.append(entry)
            return entries.count < most
        }
        return entries.sorted { $0.name < $1.name }
    }

    /// What can't be looked into is counted without what is in it.
    package func extent(of entry: Entry) throws(ProcessError) -> Extent {
        var extent = Extent()
        try visit(entry.bytes, in: descriptor, path, depth: 0) { folder, name, status in
            // A file's owner can set the time of its last change (`mtime`) to any day, also in the future; `ctime` is
            // the system's.
            let changed = [status.st_mtim, status.st_ctim].map { Double($0.tv_sec) + Double($0.tv_nsec) / 1e9 }
            extent.changedAt = max(extent.changedAt, min(changed[0], changed[1]))
            if status.st_mode & S_IFMT == S_IFDIR { return }
            extent.files += 1
            // The size of a sparse file can be any number, so the sum may overflow.
            extent.bytes = extent.bytes.addingReportingOverflow(Int64(status.st_size)).partialValue
        }
        return extent
    }

    /// Takes from the folder and all that is in it what others may do there. - Returns: how much had to be changed.
    package func closeAll() throws(ProcessError) -> Int {
        var changed = 0
        if try Self.narrow(descriptor, path) { changed += 1 }
        // Entries that could not be closed are out of others' reach, since the folder above them is closed.
        for entry in try entries() { changed += try closed(entry).changed }
        return changed
    }

    /// The same for one entry of a folder that others may go on entering. - Throws: also for what could not be closed.
    package func closeAll(of entry: Entry) throws(ProcessError) -> Int {
        let (changed, failed) = try closed(entry)
        if let failed { throw Self.failure("\(path)/\(entry.name)", failed) }
        return changed
    }

    private func closed(_ entry: Entry) throws(ProcessError) -> (changed: Int, failed: Int32?) {
        var changed = 0
        var failed: Int32?
        try visit(entry.bytes, in: descriptor, path, depth: 0) { folder, name, status in
            let kind = status.st_mode & S_IFMT
            guard kind == S_IFDIR || kind == S_IFREG, status.st_uid == geteuid(), status.st_mode & 0o7077 != 0
            else { return }
            let opened = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            guard opened >= 0 else {
                failed = errno
                return
            }
            defer { close(opened) }
            do throws(ProcessError) { if try Self.narrow(opened, path) { changed += 1 } } catch {
                failed = error.number ?? EIO
            }
        }
        return (changed, failed)
    }

    /// Lets everybody read the folder and all that is in it, and run what its owner may run; the folder itself last.
    package func openAll() throws(ProcessError) {
        var failed: (name: [CChar], number: Int32)?
        for entry in try entries() {
            try visit(entry.bytes, in: descriptor, path, depth: 0) { folder, name, status in
                let kind = status.st_mode & S_IFMT
                guard kind == S_IFDIR || kind == S_IFREG else { return }
                let isRun = kind == S_IFDIR || status.st_mode & 0o100 != 0
                let wanted = status.st_mode & 0o7777 | (isRun ? 0o055 : 0o044)
                guard status.st_mode & 0o7777 != wanted else { return }
                // It is no link, and nobody else can put one there: the folder is still closed.
                if fchmodat(folder, name, wanted, 0) != 0 { failed = (name, errno) }
            }
        }
        if let failed { throw Self.failure("\(path)/…/\(Entry.text(failed.name))", failed.number) }
        guard fchmod(descriptor, 0o755) == 0 else { throw Self.failure(path, errno) }
    }

    /// Gives the folder and all that is in it to a user, links themselves rather than what they lead to.
    package func give(to user: uid_t) throws(ProcessError) {
        var failed: (name: [CChar], number: Int32)?
        for entry in try entries() {
            try visit(entry.bytes, in: descriptor, path, depth: 0) { folder, name, status in
                guard status.st_uid != user else { return }
                if fchownat(folder, name, user, user, AT_SYMLINK_NOFOLLOW) != 0 { failed = (name, errno) }
            }
        }
        if let failed {
            let place = "\(path)/…/\(Entry.text(failed.name))"
            throw FileOwners.error(place, failed.number, else: Self.failure(place, failed.number))
        }
        guard fchown(descriptor, user, user) == 0 else {
            throw FileOwners.error(path, errno, else: Self.failure(path, errno))
        }
    }

    private static func narrow(_ descriptor: Int32, _ path: String) throws(ProcessError) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
        guard status.st_mode & 0o7077 != 0 else { return false }
        guard fchmod(descriptor, status.st_mode & 0o700) == 0 else { throw failure(path, errno) }
        return true
    }

    /// Calls the body for the entry and all that is in it, folders before what they hold, and not for what lies in a folder
    /// that can't be opened.
    private func visit(
        _ name: [CChar], in folder: Int32, _ place: String, depth: Int, _ body: (Int32, [CChar], stat) -> Void
    ) throws(ProcessError) {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return }
            throw Self.failure("\(place)/\(Entry.text(name))", errno)
        }
        body(folder, name, status)
        guard status.st_mode & S_IFMT == S_IFDIR, depth < Self.deepest else { return }
        let child = openat(folder, name, Self.folderFlags)
        guard child >= 0 else { return }
        defer { close(child) }
        let below = depth == 0 ? "\(place)/\(Entry.text(name))/…" : place
        try Self.each(of: child, below) { entry throws(ProcessError) in
            try visit(entry.bytes, in: child, below, depth: depth + 1, body)
            return true
        }
    }

    static let folderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    /// Linux's `O_PATH`: a folder by its place alone, whatever its rights.
    static let pathOnly: Int32 = 0o10_000_000

    /// Calls the body for what lies in the folder, as it is found: no list of it is kept, however much there is.
    ///
    /// - Parameter body: false ends it.
    static func each(
        of folder: Int32, _ path: String, _ body: (Entry) throws(ProcessError) -> Bool
    ) throws(ProcessError) {
        // The listing gets a descriptor of its own, because it moves the descriptor's position and closes it.
        let own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { throw failure(path, errno) }
        guard let listing = fdopendir(own) else {
            let number = errno
            close(own)
            throw failure(path, number)
        }
        defer { closedir(listing) }
        while true {
            errno = 0
            guard let found = readdir(listing) else {
                if errno != 0 { throw failure(path, errno) }
                return
            }
            let bytes = withUnsafeBytes(of: &found.pointee.d_name) { name in
                name.prefix { $0 != 0 }.map { CChar(truncatingIfNeeded: $0) } + [0]
            }
            guard bytes != [0x2E, 0], bytes != [0x2E, 0x2E, 0] else { continue }
            var status = stat()
            guard fstatat(folder, bytes, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            guard try body(Entry(bytes: bytes, isFolder: status.st_mode & S_IFMT == S_IFDIR)) else { return }
        }
    }

    static func failure(_ path: String, _ number: Int32) -> ProcessError {
        ProcessError(
            .fileSystem, "\(path) can't be looked through: \(String(cString: strerror(number)))",
            hint: "Check its owner and its permissions.", number: number)
    }
}
