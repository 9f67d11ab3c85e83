import FledgeCore
import Foundation
import Glibc
import ManagedProcess

/// The right to use a state folder, whatever socket is listened on: the system lets go of it when the process ends.
///
/// With a private PostgreSQL one process alone holds it, since that process starts and stops the server. Daemons with a
/// database of their own may share a state folder, and with it the adapters; but not with one that has a private
/// PostgreSQL there.
package final class StateLock: Sendable {
    private let lock: FileLock
    private let isAlone: Bool

    /// - Parameters:
    ///   - role: the program, told to who finds the lock taken.
    ///   - isAlone: nobody else may use the folder meanwhile.
    /// - Throws: `daemon.running` when another process has it, `state.not_writable`.
    package init(_ paths: StatePaths, role: String, isAlone: Bool) throws(FledgeError) {
        let taken: FileLock?
        do { taken = try FileLock.take(paths.lock, isAlone ? .alone : .shared) } catch {
            throw FledgeError(
                "state.not_writable", "the state folder can't be locked: \(error.message)", place: paths.lock,
                hint: error.hint)
        }
        guard let taken else {
            throw FledgeError(
                "daemon.running", "\(LockHolder.description(of: paths.lock)) uses this state folder",
                place: paths.state,
                hint:
                    "stop that one first (fledge daemon stop, with its \(StatePaths.socketVariable) if it has one), or "
                    + "choose another folder with \(StatePaths.stateVariable)")
        }
        // The file is written only after the lock was taken: a process that is refused must not overwrite what the
        // holder has written.
        lock = taken
        self.isAlone = isAlone
        // Only now: what is refused must not undo what the holder has written.
        if isAlone { lock.note("\(role) \(getpid())\n") }
    }

    deinit {
        if isAlone { lock.note("") }
        lock.release()
    }

    /// Whether a daemon that runs has the folder alone, with a private PostgreSQL.
    package static func isDaemons(_ paths: StatePaths) -> Bool {
        let words = ((try? String(contentsOfFile: paths.lock, encoding: .utf8)) ?? "").split(
            whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == daemon, let process = Int32(words[1]) else { return false }
        return kill(process, 0) == 0 || errno == EPERM
    }

    /// The role of `fledged`.
    package static let daemon = "fledged"
}
