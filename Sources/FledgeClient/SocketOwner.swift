import FledgeCore
import FledgeEngine
import Glibc

/// Whose the socket is that is taken for a daemon's: where others may put one into its folder, as into `/tmp`, words go to
/// one's own or root's alone.
enum SocketOwner {
    /// - Returns: what keeps this user from speaking to the socket; nil where nothing does, or there is no socket.
    static func fault(of path: String, user: uid_t = geteuid()) -> FledgeError? {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        var folderStatus = stat()
        var status = stat()
        guard stat(folder, &folderStatus) == 0, lstat(path, &status) == 0 else { return nil }
        let othersMayPutOne = folderStatus.st_mode & 0o022 != 0
        guard othersMayPutOne, status.st_uid != user, status.st_uid != 0 else { return nil }
        return FledgeError(
            "daemon.foreign_socket",
            "the socket is user \(status.st_uid)'s, in a folder that others may write to", place: path,
            hint: "start a daemon of your own, or put its socket where nobody else may: \(StatePaths.socketVariable)")
    }

    /// Why nobody answered at a socket that is another user's: this one may not connect to it.
    ///
    /// - Parameter access: 0, or the number of the error, for a path that is to be written to.
    /// - Returns: nil where it may, or where there is no socket.
    static func refusal(
        of path: String, access: (String) -> Int32 = { faccessat(AT_FDCWD, $0, W_OK, AT_EACCESS) == 0 ? 0 : errno }
    ) -> FledgeError? {
        guard [EACCES, EPERM].contains(access(path)) else { return nil }
        // Where its folder is closed, whose that is.
        var place = path
        var status = stat()
        while lstat(place, &status) != 0 {
            guard let slash = place.lastIndex(of: "/"), slash != place.startIndex else { return nil }
            place = String(place[..<slash])
        }
        let owner = LocalUser.actor(status.st_uid)
        let name = owner.dropFirst("user:".count)
        return FledgeError(
            "daemon.not_permitted",
            place == path
                ? "the daemon's socket is \(owner)'s, and \(LocalUser.actor) may not connect to it"
                : "the daemon's socket is in a folder of \(owner)'s, which \(LocalUser.actor) may not enter",
            place: path,
            hint:
                "run it as that user (sudo -u \(name) fledge …), or ask who runs the daemon for a token and give --server"
        )
    }
}
