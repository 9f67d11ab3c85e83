import Foundation
import Glibc

/// What the sandbox's user may read and write. Where that is the user of this process there is nothing to do: nothing is
/// seen but what is named.
extension Sandbox {
    /// Makes a folder that the sandbox's user can write to, as others can't; one that is there is kept.
    package func makeWritable(_ folder: URL) throws {
        if !FileManager.default.fileExists(atPath: folder.path) {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        guard isRoot else { return }
        guard lchown(folder.path, user.rawValue, user.rawValue) == 0 else {
            throw ProcessError(.fileSystem, "\(folder.path) can't be given to the sandbox's user")
        }
    }

    /// Gives a file of ours, or a folder with all that is in it, to the sandbox's user, with the rights that it has.
    ///
    /// Whether it can be written to in the sandbox depends on the place at which the sandbox shows it.
    package func give(_ path: String) throws(ProcessError) {
        if isRoot { try user.give(path) }
    }

    /// Lets everybody read a file, or a folder with all that is in it, which has to be behind a closed folder: programs and
    /// packages, which several of the sandbox's users need.
    package func open(_ path: String) throws(ProcessError) {
        if isRoot { try User.open(path) }
    }

    /// Which of the files and folders the sandbox's user can't read, asked there: the rights of a file may be more than
    /// its mode says. Nil where it reads them all.
    package func unreadable(among places: [Place]) async throws -> String? {
        guard isRoot else { return nil }
        let script = """
            for path; do
                if [ -d "$path" ]; then [ -r "$path" ] && [ -x "$path" ]; else [ -r "$path" ]; fi ||
                    { printf %s "$path"; exit 3; }
            done
            """
        let limits = Limits(memoryBytes: 1 << 30, processorSeconds: 10, fileBytes: 0, allowsProcesses: true)
        let result = try await command(
            ["/bin/sh", "-c", script, "sh"] + places.map(\.path), places: places, directory: "/", limits: limits,
            filter: nil
        ).run(timeout: .seconds(30))
        return result.exit == .exited(3) ? result.output : nil
    }
}

/// What root does for these users, in a sandbox or out of it.
extension Sandbox.User {
    /// The arguments with which root becomes the user for good, before those of the program.
    ///
    /// - Parameters:
    ///   - group: that it runs as.
    ///   - others: groups that it has besides.
    func dropping(group: gid_t, others: [gid_t] = []) -> [String] {
        let words = others.isEmpty ? "--clear-groups" : "--groups=" + others.map(String.init).joined(separator: ",")
        return [
            Sandbox.setpriv, "--reuid=\(rawValue)", "--regid=\(group)", words, "--inh-caps=-all",
            "--bounding-set=-all", "--no-new-privs", "--",
        ]
    }

    /// Gives a file of ours, or a folder with all that is in it, to the user, with the rights that it has.
    func give(_ path: String) throws(ProcessError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ProcessError(.fileSystem, "\(path) can't be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: try FileTree(path, alsoOf: rawValue)?.give(to: rawValue)
        case S_IFREG where status.st_uid == rawValue: return
        case S_IFREG where fchown(descriptor, rawValue, rawValue) == 0: return
        default:
            let number = errno
            throw FileOwners.error(
                path, number,
                else: ProcessError(
                    .fileSystem, "\(path) can't be given to the sandbox's user: \(String(cString: strerror(number)))"))
        }
    }

    /// Lets everybody read a file, or a folder with all that is in it, which has to be behind a closed folder: programs and
    /// packages, which several of these users need.
    static func open(_ path: String) throws(ProcessError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        switch status.st_mode & S_IFMT {
        // The folder itself is opened last.
        case S_IFDIR where status.st_mode & 0o005 != 0o005:
            try FileTree(path, alsoOf: Self(rawValue: status.st_uid)?.rawValue)?.openAll()
        case S_IFREG where status.st_mode & 0o004 == 0:
            guard chmod(path, status.st_mode & 0o7777 | 0o044) == 0 else {
                throw ProcessError(.fileSystem, "\(path) can't be opened to the sandbox's user")
            }
        default: return
        }
    }
}
