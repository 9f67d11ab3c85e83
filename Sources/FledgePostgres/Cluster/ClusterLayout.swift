import Crypto
import FledgeCore
import Foundation
import Glibc
import ManagedProcess

/// Where a private cluster keeps its files.
package struct ClusterLayout: Sendable, Equatable {
    static let port = 5432

    /// The folder that holds all other paths of the layout but the socket's; only the cluster's user can enter it.
    package let directory: String
    /// Holds the socket.
    package let socketDirectory: String

    package var data: String { directory + "/data" }
    /// The file for what the server says before it has opened its own log.
    var startLog: String { directory + "/start.log" }
    var logs: String { directory + "/log" }
    var pidFile: String { data + "/postmaster.pid" }
    package var socket: String { socketDirectory + "/.s.PGSQL.\(Self.port)" }
    var versionFile: String { data + "/PG_VERSION" }
    var settingsFile: String { data + "/fledge.conf" }

    /// The layout of an embedded cluster for a state directory (absolute).
    ///
    /// When the cluster's user can't enter the state directory (root's home is closed to it), the cluster lives
    /// under `/var/lib/fledge`, in a folder named after the state directory.
    ///
    /// Where the socket's path would be longer than the kernel allows, it is put into another folder, below one in
    /// which no other user can make folders.
    package init(
        stateDirectory: String, user: ClusterUser?,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        let name = Self.shortHash(stateDirectory)
        let closed = user?.closedDirectory(on: stateDirectory) != nil
        directory = closed ? "/var/lib/fledge/postgres-\(name)" : stateDirectory + "/postgres"
        let preferred = directory + "/run"
        let socket = ".s.PGSQL.\(Self.port)"
        let isTaken = "\(preferred)/\(socket)".utf8.count <= ShortFolder.longestSocketPath
        let other =
            isTaken
            ? nil
            : ShortFolder.path(
                "fledge-\(user?.userID ?? geteuid())-\(Self.shortHash(directory))", socket: socket,
                isRoot: user != nil, environment: environment)
        socketDirectory = other ?? preferred
    }

    private static func shortHash(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).prefix(6).map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// Makes the folders that are missing, owned by the cluster's user and closed to others.
    func create(for user: ClusterUser?) throws {
        guard socket.utf8.count <= ShortFolder.longestSocketPath else {
            throw FledgeError(
                "database.path_too_long",
                "the private PostgreSQL's socket has a path of more than \(ShortFolder.longestSocketPath) bytes",
                place: socket, hint: "Choose a shorter state directory, or set XDG_RUNTIME_DIR.")
        }
        try Self.makeParents(of: directory, isPassable: user != nil)
        try Self.makePrivate(directory, user)
        if let user, let closed = user.closedDirectory(on: directory) {
            throw FledgeError(
                "database.directory_closed",
                "PostgreSQL runs as \(user.name), which can't enter \(closed)",
                hint: "Choose a state directory below one that everybody may enter, such as /var/lib/fledge.")
        }
        try Self.makePrivate(socketDirectory, user)
    }

    /// - Parameter isPassable: whether the folders can be passed through by another user, who can't list them.
    private static func makeParents(of path: String, isPassable: Bool) throws {
        var current = ""
        for part in path.split(separator: "/").dropLast() {
            current += "/" + part
            if mkdir(current, 0o700) == 0 {
                // Whatever the umask.
                if chmod(current, isPassable ? 0o711 : 0o700) != 0 { throw cannotMake(current) }
            } else if errno != EEXIST, errno != EROFS {
                throw cannotMake(current)
            }
        }
    }

    private static func makePrivate(_ path: String, _ user: ClusterUser?) throws {
        if mkdir(path, 0o700) == 0 {
            // A umask may have taken the owner's own rights away.
            guard chmod(path, 0o700) == 0 else { throw cannotMake(path) }
            if let user, lchown(path, user.userID, user.groupID) != 0 { throw cannotMake(path) }
            return
        }
        guard errno == EEXIST else { throw cannotMake(path) }
        // Another user may have made the folder first, above all in the shared folder for temporary files.
        var status = stat()
        let isFolder = lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        if isFolder, let user, status.st_uid == geteuid() {
            // Another process of ours has made it and is about to give it away: nobody else makes folders of this owner.
            if lchown(path, user.userID, user.groupID) != 0 { throw cannotMake(path) }
            status.st_uid = user.userID
        }
        guard isFolder, status.st_uid == user?.userID ?? geteuid() else {
            throw FledgeError(
                "database.directory_foreign",
                "\(path) exists, but it is not a folder of the user that PostgreSQL runs as",
                hint: "Remove it, or choose another state directory.")
        }
        if status.st_mode & 0o077 != 0, chmod(path, 0o700) != 0 { throw cannotMake(path) }
    }

    private static func cannotMake(_ path: String) -> FledgeError {
        FledgeError(
            "database.directory_not_writable", "could not make \(path): \(String(cString: strerror(errno)))",
            hint: "Choose a state directory that this user may write to.")
    }
}
