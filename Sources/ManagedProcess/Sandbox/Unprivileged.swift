import Foundation
import Glibc
import Synchronization

/// Runs programs of root's as a user without rights where no sandbox can be made: by setpriv, without capabilities and
/// without a way to get any. Only the rights of files stand between them and what is closed to others; they see the
/// machine's open files, its processes and its network, and what they leave behind lives on.
struct Unprivileged: Sendable {
    let user: Sandbox.User
    /// The group that its programs run as, which no other program has: only the same user in the same group looks into a
    /// process's memory, and could have a trial end as it likes.
    private(set) var group: gid_t

    /// Nil where util-linux is missing.
    init?(_ user: Sandbox.User) {
        guard access(Sandbox.setpriv, X_OK) == 0 else { return nil }
        self.user = user
        group = Self.freeGroup(for: UUID().uuidString) ?? user.rawValue
    }

    /// The command as the user's, of the same process.
    ///
    /// - Parameter devices: whether the groups of this machine's devices are kept.
    func command(_ plain: Command, devices: Bool = false) -> Command {
        let groups = [Passage.group, user.rawValue] + (devices ? Sandbox.groups(of: Sandbox.devices) : [])
        var command = plain
        command.executable = "/bin/sh"
        command.arguments =
            ["-c", "umask 077; ulimit -c 0; exec \"$@\"", "sh"] + user.dropping(group: group, others: groups)
            + [plain.executable] + plain.arguments
        return command
    }

    /// What of the machine's settings a program gets: without places that are this process's user's.
    ///
    /// - Parameter home: where it may write; nil for nowhere but the folder for temporary files.
    static func surroundings(_ variables: [String: String], home: String?) -> [String: String] {
        var result = variables
        // Names in a folder that everybody may write to could be anybody's.
        for name in variables.keys where name.hasSuffix("_CACHE_DIR") || name.hasSuffix("_CACHE_PATH") {
            result[name] = home.map { "\($0)/\(name.lowercased())" }
        }
        result["TORCHINDUCTOR_CACHE_DIR"] = home.map { $0 + "/torchinductor_cache_dir" }
        for name in ["XDG_CACHE_HOME", "TORCH_HOME"] { result[name] = nil }
        result["HOME"] = home ?? "/nonexistent"
        result["TMPDIR"] = "/tmp"
        for name in ["USER", "LOGNAME"] { result[name] = "fledge" }
        return result
    }

    // MARK: What it gets to

    /// Something on its way that is closed to it.
    struct Closed: Error, Sendable {
        let path: String
        /// Whether it is a folder to be passed, rather than what is to be read.
        let isOnTheWay: Bool

        /// For people: what it is, and what to do.
        var words: String {
            isOnTheWay
                ? "\(path) is closed to them: chmod o+x lets them pass, or what they need below it can lie elsewhere"
                : "they can't read \(path): chmod o+rX lets them"
        }
    }

    /// The first of what the user has to get to that is closed to it, asked as that user; nil where it gets to all. Folders of
    /// ours on the way are opened to it before.
    ///
    /// - Parameters:
    ///   - paths: absolute, of what is to be read; what isn't there is left out.
    ///   - folders: absolute, of what is to be passed through.
    /// - Throws: where that can't be told.
    func closed(reading paths: [String], through folders: [String] = []) async throws -> Closed? {
        var ways: [String] = []
        for (paths, kind) in [(folders, "x"), (paths, "r")] {
            for path in paths where access(path, F_OK) == 0 {
                // What a link leads to has a way of its own, and what is closed on it is told of before the link.
                let real = Self.real(path)
                for place in real == path ? [path] : [real, path] {
                    Passage.open(to: kind == "x" ? place + "/" + kind : place)
                    ways.append(kind + place)
                }
            }
        }
        guard !ways.isEmpty else { return nil }
        let limited = Command(
            "/bin/sh", ["-c", Self.walk, "sh"] + ways, inheritsEnvironment: false,
            workingDirectory: URL(filePath: "/"))
        let result = try await command(limited).run(timeout: .seconds(30))
        switch result.exit {
        case .exited(0): return nil
        case .exited(3): return Closed(path: String(result.output.dropFirst()), isOnTheWay: result.output.first == "x")
        default:
            throw ProcessError(
                .failed, "what user \(user.rawValue) can read can't be told: \(Sandbox.words(of: result))")
        }
    }

    private static let walk = """
        for way; do
            kind=${way%%/*} rest=${way#*/} at=
            while [ -n "$rest" ]; do
                case $rest in */*) part=${rest%%/*} rest=${rest#*/} ;; *) part=$rest rest= ;; esac
                at=$at/$part
                if [ -d "$at" ] && ! [ -x "$at" ]; then printf 'x%s' "$at"; exit 3; fi
            done
            [ "$kind" = x ] || [ -r "$at" ] || { printf 'r%s' "$at"; exit 3; }
        done
        """

    private static func real(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }

    // MARK: What is its own

    /// Lets the user read a file of ours, or a folder of files, and change neither. What lies in a folder of ours is ours,
    /// whoever owns it: a backup may have brought it back with other owners.
    ///
    /// - Returns: why it can't be shown, in words for people; nil where it is shown.
    /// - Throws: where it can't be opened.
    func show(_ path: String) throws(ProcessError) -> String? {
        Passage.open(to: path)
        var above = stat()
        let isAboveOurs = stat((path as NSString).deletingLastPathComponent, &above) == 0 && Self.isOurs(above)
        return try show(path, inOurs: isAboveOurs)
    }

    /// Whether nobody else puts anything into a folder.
    private static func isOurs(_ status: stat) -> Bool { status.st_uid == geteuid() && status.st_mode & 0o022 == 0 }

    private func show(_ path: String, inOurs isAboveOurs: Bool) throws(ProcessError) -> String? {
        let descriptor = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.refusal(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.refusal(path, errno) }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        guard isFolder || status.st_mode & S_IFMT == S_IFREG else { return "\(path) is neither a file nor a folder" }
        guard isAboveOurs || [geteuid(), user.rawValue].contains(status.st_uid) else {
            return "\(path) belongs to user \(status.st_uid), and so does the folder that it lies in, or others may "
                + "write there: chown root gives them back"
        }
        let rights: mode_t = isFolder ? 0o750 : 0o640
        let isShown =
            status.st_uid == geteuid() && status.st_gid == user.rawValue && status.st_mode & 0o7777 == rights
        // A second name could be anybody's file. One that is as it has to be is left alone.
        if !isFolder, !isShown, status.st_nlink != 1 {
            return "\(path) has a second name, whose owner and rights would change with it: a copy has none"
        }
        // The folder is taken back first: nobody exchanges what is in it then.
        guard isShown || fchown(descriptor, geteuid(), user.rawValue) == 0 && fchmod(descriptor, rights) == 0 else {
            let error = Self.refusal(path, errno)
            if error.code == .noOwners { return error.message }
            throw error
        }
        guard isFolder, let tree = try FileTree(path) else { return nil }
        // In a folder of ours, one that a backup brought back with another owner was closed to the user as well.
        let isClosed = status.st_uid != user.rawValue && status.st_mode & 0o022 == 0
        let wasOurs = Self.isOurs(status) || isAboveOurs && isClosed
        for entry in try tree.entries() where !entry.isFolder {
            if let obstacle = try show("\(path)/\(entry.name)", inOurs: wasOurs) { return obstacle }
        }
        return nil
    }

    private static func refusal(_ path: String, _ number: Int32) -> ProcessError {
        FileOwners.error(
            path, number,
            else: ProcessError(
                .fileSystem, "\(path) can't be shown to a user without rights: \(String(cString: strerror(number)))"))
    }

    /// Numbers that no account has, for programs and for folders that one program alone may enter.
    static let folderGroups: ClosedRange<gid_t> = 60_706...61_183
    private static let choosing = Mutex<Void>(())

    /// Opens a folder of ours to one program alone: programs of the same user run as other groups, and neither enter it nor
    /// look into that program's memory.
    ///
    /// - Returns: what runs that program.
    func alone(in folder: String) throws(ProcessError) -> Unprivileged {
        var other = self
        // What a backup brought back may be open to others.
        _ = PrivateFolder.close(folder, followsLinks: false)
        let own = Self.choosing.withLock { _ -> gid_t? in
            guard let free = Self.freeGroup(for: folder) else { return nil }
            return Passage.mark(folder, for: free, followsLinks: false) ? free : nil
        }
        guard let own else {
            throw ProcessError(
                .fileSystem, "\(folder) can't be opened to one program alone",
                hint: "Check its owner and its rights, and those of the folders beside it.")
        }
        other.group = own
        return other
    }

    /// One that no folder beside this one is open to, and that no process has.
    static func freeGroup(for folder: String) -> gid_t? {
        let parent = (folder as NSString).deletingLastPathComponent
        let name = (folder as NSString).lastPathComponent
        var taken = runningGroups()
        for other in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where other != name {
            var status = stat()
            if lstat("\(parent)/\(other)", &status) == 0, status.st_mode & 0o010 != 0 { taken.insert(status.st_gid) }
        }
        // Daemons with state folders of their own begin at different numbers.
        let count = UInt64(folderGroups.count)
        let start = folder.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 } % count
        let numbers = (0..<count).map { folderGroups.lowerBound + gid_t(clamping: (start + $0) % count) }
        return numbers.first { !taken.contains($0) }
    }

    private static func runningGroups() -> Set<gid_t> {
        let processes = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter {
            Int32($0) != nil
        }
        var groups: Set<gid_t> = []
        for process in processes {
            let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
            for line in status.split(separator: "\n") where line.hasPrefix("Gid:") || line.hasPrefix("Groups:") {
                groups.formUnion(line.split(whereSeparator: \.isWhitespace).dropFirst().compactMap { gid_t($0) })
            }
        }
        return groups
    }
}
