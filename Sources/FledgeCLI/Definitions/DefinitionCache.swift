import FledgeCore
import Foundation
import Glibc

/// What definitions came to when they were compiled, by the hash of all that it depends on.
///
/// Only what this user has written, where nobody else can write, is taken: whoever could put a file there would say what a
/// definition means. What nobody has asked for in a month goes. Failing to keep or to remove a file costs half a second some day, nothing else.
package struct DefinitionCache: Sendable {
    package static let lifetime: TimeInterval = 30 * day
    private static let day: TimeInterval = 86_400

    package let folder: URL

    package init(folder: URL) { self.folder = folder }

    package func lines(for key: Digest) -> String? {
        let file = file(of: key)
        guard isOwn, let lines = Self.ownText(of: file) else { return nil }
        // Saying once a day that it is in use is often enough.
        if age(of: file) > Self.day {
            try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: file.path)
        }
        return lines
    }

    package func keep(_ lines: String, for key: Digest) {
        guard isOwn else { return }
        let file = file(of: key)
        try? Data(lines.utf8).write(to: file, options: .atomic)
        // Whatever the user's mask is.
        chmod(file.path, 0o600)
        prune()
    }

    /// Makes the folder where it is missing, and closes it to others.
    ///
    /// - Throws: `definition.cache_unwritable` (exit 73), also where it is somebody else's: what is compiled in it could be
    ///   exchanged.
    package func prepare() throws(FledgeError) {
        var facts = stat()
        if lstat(folder.path, &facts) != 0 {
            try? FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } else if facts.st_uid == geteuid(), facts.st_mode & S_IFMT == S_IFDIR, facts.st_mode & 0o077 != 0 {
            chmod(folder.path, 0o700)
        }
        guard isOwn, access(folder.path, W_OK) == 0 else {
            let isThere = lstat(folder.path, &facts) == 0
            throw FledgeError(
                "definition.cache_unwritable",
                isThere && facts.st_uid != geteuid()
                    ? "the folder for compiled definitions is another user's"
                    : "the folder for compiled definitions can't be written", place: folder.path,
                hint: "check its owner and permissions, or choose another with FLEDGE_CACHE_HOME")
        }
    }

    /// Whether nobody else can put a file into the folder, or another folder in its place.
    private var isOwn: Bool {
        var facts = stat()
        guard lstat(folder.path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR, facts.st_uid == geteuid(),
            facts.st_mode & 0o022 == 0, stat(folder.deletingLastPathComponent().path, &facts) == 0
        else { return false }
        // In a folder for everybody's files, each is its owner's.
        return [geteuid(), 0].contains(facts.st_uid) && (facts.st_mode & 0o002 == 0 || facts.st_mode & S_ISVTX != 0)
    }

    /// The text of a file that this user has written and nobody else can write; nil for any other, and for a link.
    private static func ownText(of file: URL) -> String? {
        let descriptor = open(file.path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_uid == geteuid(),
            facts.st_mode & 0o022 == 0, let data = try? handle.readToEnd()
        else { return nil }
        return String(validating: data, as: UTF8.self)
    }

    /// Once a day at the most: a whole folder of definitions may be compiled in a row.
    private func prune() {
        let mark = folder.appendingPathComponent("pruned")
        guard age(of: mark) > Self.day else { return }
        try? Data().write(to: mark)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] {
            let item = folder.appendingPathComponent(name)
            // A build's folder that is there the next day was left behind by one that was killed.
            let isOld =
                name.hasSuffix(".jsonl")
                ? age(of: item) > Self.lifetime
                : name.hasPrefix("build-") && age(of: item) > Self.day
            if isOld { try? FileManager.default.removeItem(at: item) }
        }
    }

    private func file(of key: Digest) -> URL { folder.appendingPathComponent("\(key).jsonl") }

    /// Seconds since the file was written; for ever where there is none.
    private func age(of file: URL) -> TimeInterval {
        let facts = try? FileManager.default.attributesOfItem(atPath: file.path)
        return (facts?[.modificationDate] as? Date).map { -$0.timeIntervalSinceNow } ?? .infinity
    }
}
